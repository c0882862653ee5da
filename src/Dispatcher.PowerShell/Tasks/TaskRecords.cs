using System;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>The records of a task as PowerShell's own, and their way into the streams of a cmdlet.</summary>
internal static class TaskRecords
{
    // WriteError overwrites where an error came from, unless this is set. The engine does the same for its own jobs, and
    // has no public way to it.
    private static readonly PropertyInfo? s_preserveInvocationInfo = typeof(ErrorRecord).GetProperty(
        "PreserveInvocationInfoOnce", BindingFlags.Instance | BindingFlags.NonPublic);

    internal static ErrorRecord ToError(DispatchTask task, object value) => value switch
    {
        ErrorRecord record => record,
        RuntimeException { ErrorRecord: { } record } => record,
        TaskTimeoutException timeout => new ErrorRecord(timeout, ErrorIds.TaskTimedOut, ErrorCategory.OperationTimeout, task),
        ExecutableException { ExitCode: null } start => new ErrorRecord(start, ErrorIds.ExecutableNotStarted, ErrorCategory.ResourceUnavailable, task),
        ExecutableException exit => new ErrorRecord(exit, ErrorIds.UnexpectedExitCode, ErrorCategory.FromStdErr, task),
        ScriptExitException exit => new ErrorRecord(exit, ErrorIds.UnexpectedExitCode, ErrorCategory.NotSpecified, task),
        Exception exception => new ErrorRecord(exception, ErrorIds.TaskFailed, ErrorCategory.NotSpecified, task),
        _ => new ErrorRecord(new InvalidOperationException(value.ToString()), ErrorIds.TaskFailed, ErrorCategory.NotSpecified, task),
    };

    internal static WarningRecord ToWarning(object value) => value as WarningRecord ?? new WarningRecord(value.ToString());

    /// <summary>Writes a record into the same stream of a cmdlet that it was written to in its task.</summary>
    internal static void Replay(DispatchTask task, TaskRecord record, Cmdlet cmdlet)
    {
        switch (record.Kind)
        {
            case RecordKind.Output:
                cmdlet.WriteObject(record.Value, enumerateCollection: false);
                break;
            case RecordKind.Error when record.Value is { } value:
                ErrorRecord error = ToError(task, value);
                s_preserveInvocationInfo?.SetValue(error, error.InvocationInfo is not null);
                cmdlet.WriteError(error);
                break;
            case RecordKind.Warning when record.Value is { } value:
                cmdlet.WriteWarning(ToWarning(value).Message);
                break;
            case RecordKind.Verbose:
                cmdlet.WriteVerbose(((VerboseRecord?)record.Value)?.Message);
                break;
            case RecordKind.Debug:
                cmdlet.WriteDebug(((DebugRecord?)record.Value)?.Message);
                break;
            case RecordKind.Information:
                cmdlet.WriteInformation((InformationRecord?)record.Value);
                break;
            case RecordKind.Progress:
                cmdlet.WriteProgress((ProgressRecord?)record.Value);
                break;
            default:
                // Standard error is a log of its own, and stays with the task.
                break;
        }
    }
}
