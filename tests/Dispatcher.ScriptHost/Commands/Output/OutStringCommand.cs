using System.Globalization;
using System.IO;
using System.Management.Automation;
using Dispatching.ScriptHost;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.Out, "String")]
public sealed class OutStringCommand : FrontEndCommandBase
{
    private const int DefaultWidth = 80;

    private readonly StringWriter _text = new(CultureInfo.InvariantCulture);

    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int Width { get; set; }

    [Parameter]
    public SwitchParameter Stream { get; set; }

    protected override void BeginProcessing()
    {
        int hostWidth = Host?.UI?.RawUI?.BufferSize.Width ?? 0;
        EngineInternals.UseWriter(this, _text, Width > 0 ? Width : hostWidth > 0 ? hostWidth : DefaultWidth);
        base.BeginProcessing();
    }

    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (!Stream)
        {
            WriteObject(_text.ToString());
            return;
        }

        using StringReader lines = new(_text.ToString());
        while (lines.ReadLine() is { } line)
        {
            WriteObject(line);
        }
    }
}
