using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Enumeration;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "ChildItem", DefaultParameterSetName = PathSet)]
public sealed class GetChildItemCommand : PathCommand
{
    private static readonly bool s_ignoreCase = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    public override string[] Path { get; set; } = ["."];

    [Parameter(Position = 1)]
    public string? Filter { get; set; }

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter File { get; set; }

    [Parameter]
    public SwitchParameter Directory { get; set; }

    protected override void ProcessPath(string path) => WriteChildren(path, IsLiteral);

    private void WriteChildren(string path, bool literal)
    {
        List<PSObject> children = [.. InvokeProvider.ChildItem.Get([path], recurse: false, Force, literal)];
        foreach (PSObject child in children.Where(IsWanted))
        {
            WriteObject(child);
        }

        if (!Recurse)
        {
            return;
        }

        // One folder at a time: the engine's own recursion would end at the first unreadable one. Links are
        // not followed.
        foreach (DirectoryInfo folder in children.Select(child => child.BaseObject).OfType<DirectoryInfo>())
        {
            if (folder.LinkTarget is null)
            {
                Attempt(() => WriteChildren(folder.FullName, literal: true));
            }
        }
    }

    private bool IsWanted(PSObject child)
    {
        if (child.BaseObject is not FileSystemInfo item)
        {
            return true;
        }

        return (File == Directory || (item is FileInfo ? File : Directory))
            && (Filter is null || FileSystemName.MatchesSimpleExpression(Filter, item.Name, s_ignoreCase));
    }
}
