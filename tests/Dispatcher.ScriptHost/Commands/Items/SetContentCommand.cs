using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Provider;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Set, "Content", DefaultParameterSetName = PathSet)]
public sealed class SetContentCommand : PathCommand
{
    private readonly List<object?> _values = [];

    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    public override string[] Path { get; set; } = [];

    [Parameter(Position = 1, Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? Value { get; set; }

    protected override void ProcessRecord() => _values.AddRange(Value ?? []);

    // At the end, so that a pipeline may read the file that it then overwrites.
    protected override void EndProcessing() => base.ProcessRecord();

    protected override void ProcessPath(string path)
    {
        try
        {
            InvokeProvider.Content.Clear([path], force: false, IsLiteral);
        }
        catch (ItemNotFoundException)
        {
            // Then the writer makes it.
        }

        foreach (IContentWriter writer in InvokeProvider.Content.GetWriter([path], force: false, IsLiteral))
        {
            using (writer)
            {
                writer.Write(_values);
                writer.Close();
            }
        }
    }
}
