using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Takes paths, with wildcards or literal ones, and reports the errors of each without ending.</summary>
/// <remarks>
/// The stand-ins live in the namespace of what they stand for: the engine puts a cmdlet's full name into the
/// ids of its errors and finds the format of a result by its type's full name.
/// </remarks>
public abstract class PathCommand : PSCmdlet
{
    protected const string PathSet = "Path";
    protected const string LiteralPathSet = "LiteralPath";

    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    public virtual string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    protected bool IsLiteral => ParameterSetName == LiteralPathSet;

    protected override void ProcessRecord()
    {
        foreach (string path in IsLiteral ? LiteralPath : Path)
        {
            Attempt(() => ProcessPath(path));
        }
    }

    protected abstract void ProcessPath(string path);

    /// <summary>Writes the error that the engine or a provider throws, as the pipeline's own.</summary>
    protected void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (RuntimeException problem) when (problem is not PipelineStoppedException and not ActionPreferenceStopException)
        {
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
        }
    }

    /// <summary>The files that a path stands for, as paths that .NET understands.</summary>
    protected IEnumerable<string> FilePaths(string path) =>
        IsLiteral ? [GetUnresolvedProviderPathFromPSPath(path)] : GetResolvedProviderPathFromPSPath(path, out _);
}
