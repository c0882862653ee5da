namespace Dispatching;

/// <summary>The stream that a record of a task was written to.</summary>
public enum RecordKind
{
    /// <summary>Output: objects of a script block, lines of an executable's standard output.</summary>
    Output = 0,

    /// <summary>An error. The error that ended a task is the last one.</summary>
    Error = 1,

    /// <summary>A warning.</summary>
    Warning = 2,

    /// <summary>Verbose text.</summary>
    Verbose = 3,

    /// <summary>Debug text.</summary>
    Debug = 4,

    /// <summary>Information, Write-Host included.</summary>
    Information = 5,

    /// <summary>Progress.</summary>
    Progress = 6,

    /// <summary>
    /// A line of an executable's standard error, which by itself is not an error. It goes to a log of its own; see
    /// <see cref="DispatchTask.GetStandardError"/>.
    /// </summary>
    StandardError = 7,
}
