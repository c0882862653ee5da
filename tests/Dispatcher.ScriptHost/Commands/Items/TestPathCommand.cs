using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsDiagnostic.Test, "Path", DefaultParameterSetName = PathSet)]
public sealed class TestPathCommand : PathCommand
{
    [Parameter]
    [Alias("Type")]
    public TestPathType PathType { get; set; }

    protected override void ProcessPath(string path)
    {
        bool exists = InvokeProvider.Item.Exists(path, force: true, IsLiteral);
        WriteObject(exists && (PathType == TestPathType.Any || IsContainer(path) == (PathType == TestPathType.Container)));
    }

    private bool IsContainer(string path) => InvokeProvider.Item.IsContainer(IsLiteral ? WildcardPattern.Escape(path) : path);
}
