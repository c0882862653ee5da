using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Provider;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Content", DefaultParameterSetName = PathSet)]
public sealed class GetContentCommand : PathCommand
{
    [Parameter]
    public SwitchParameter Raw { get; set; }

    [Parameter]
    [Alias("First", "Head")]
    [ValidateRange(0, long.MaxValue)]
    public long TotalCount { get; set; } = long.MaxValue;

    protected override void ProcessPath(string path)
    {
        // Opened for -Raw too: the provider's own errors tell what is no readable file.
        ICollection<IContentReader> readers = InvokeProvider.Content.GetReader([path], force: false, IsLiteral);
        foreach (IContentReader reader in readers)
        {
            using (reader)
            {
                if (!Raw)
                {
                    WriteLines(reader);
                }
            }
        }

        if (Raw)
        {
            foreach (string file in FilePaths(path))
            {
                WriteObject(File.ReadAllText(file));
            }
        }
    }

    private void WriteLines(IContentReader reader)
    {
        for (long left = TotalCount; left > 0; left--)
        {
            IList lines = reader.Read(1);
            if (lines.Count == 0)
            {
                break;
            }

            WriteObject(lines, enumerateCollection: true);
        }

        reader.Close();
    }
}
