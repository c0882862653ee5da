using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>The records of a task as PowerShell's own, and the way of each into its stream.</summary>
internal static class TaskRecords
{
    /// <summary>The property that names the task, on error records and on output that is to be told apart.</summary>
    internal const string TaskProperty = "DispatchTask";

    private static readonly object s_tagLock = new();

    /// <summary>Writes a record into the same stream that the task wrote it to.</summary>
    internal static void Write(ITaskRecordSink sink, DispatchTask task, TaskRecord record)
    {
        switch (record.Kind)
        {
            case RecordKind.Output:
                sink.WriteOutput(task, record.Value);
                break;
            case RecordKind.Error when record.Value is { } value:
                sink.WriteError(task, value);
                break;
            case RecordKind.Warning when record.Value is { } value:
                sink.WriteWarning(ToWarning(value));
                break;
            case RecordKind.Verbose when record.Value is { } value:
                sink.WriteVerbose((VerboseRecord)value);
                break;
            case RecordKind.Debug when record.Value is { } value:
                sink.WriteDebug((DebugRecord)value);
                break;
            case RecordKind.Information when record.Value is { } value:
                sink.WriteInformation((InformationRecord)value);
                break;
            case RecordKind.Progress when record.Value is { } value:
                sink.WriteProgress(task, (ProgressRecord)value);
                break;
            default:
                // Standard error is a log of its own, and stays with the task.
                break;
        }
    }

    internal static ErrorRecord ToError(DispatchTask task, object value) => Name(task, ToErrorRecord(value, task));

    /// <summary>The record of an error, without a word about its task.</summary>
    internal static ErrorRecord ToErrorRecord(object value, DispatchTask? task = null) => value switch
    {
        ErrorRecord known => known,
        BoundScriptBlockException bound => new ErrorRecord(bound, ErrorIds.ScriptBlockIsBound, ErrorCategory.InvalidArgument, task),
        RuntimeException { ErrorRecord: { } known } => known,
        TaskTimeoutException timeout => new ErrorRecord(timeout, ErrorIds.TaskTimedOut, ErrorCategory.OperationTimeout, task),
        ExecutableException { ExitCode: null } start => new ErrorRecord(start, ErrorIds.ExecutableNotStarted, ErrorCategory.ResourceUnavailable, task),
        ExecutableException exit => new ErrorRecord(exit, ErrorIds.UnexpectedExitCode, ErrorCategory.FromStdErr, task),
        ProcessesLeftException left => new ErrorRecord(left, ErrorIds.ProcessesLeft, ErrorCategory.ResourceBusy, task),
        WorkerSetupException { InnerException: RuntimeException { ErrorRecord: { } import } } setup when IsMissingModule(import) =>
            new ErrorRecord(new FileNotFoundException(setup.Message, setup), ErrorIds.ModuleNotFound, import.CategoryInfo.Category, import.TargetObject),
        WorkerSetupException setup => new ErrorRecord(setup, ErrorIds.WorkerSetupFailed, ErrorCategory.ResourceUnavailable, task),
        WorkerProcessException process => new ErrorRecord(process, ErrorIds.WorkerProcessEnded, ErrorCategory.ResourceUnavailable, task),
        HostLostException host => new ErrorRecord(host, ErrorIds.HostLost, ErrorCategory.ConnectionError, task),
        ScriptExitException exit => new ErrorRecord(exit, ErrorIds.UnexpectedExitCode, ErrorCategory.NotSpecified, task),
        TaskErrorsException errors => new ErrorRecord(errors, ErrorIds.TaskWroteErrors, ErrorCategory.NotSpecified, task),
        DependencyFailedException dependency => new ErrorRecord(dependency, ErrorIds.DependencyFailed, ErrorCategory.OperationStopped, task),
        Exception exception => new ErrorRecord(exception, ErrorIds.TaskFailed, ErrorCategory.NotSpecified, task),
        string line => new ErrorRecord(new RemoteException(line), ErrorIds.StandardErrorLine, ErrorCategory.FromStdErr, task),
        _ => new ErrorRecord(new InvalidOperationException(value.ToString()), ErrorIds.TaskFailed, ErrorCategory.NotSpecified, task),
    };

    /// <summary>Whether a record comes from the task as it is: its id, activity and position are its own.</summary>
    internal static bool IsOfTask(object value) => value is ErrorRecord or (RuntimeException and not BoundScriptBlockException);

    internal static WarningRecord ToWarning(object value) => value as WarningRecord ?? new WarningRecord(value.ToString());

    // The engine's own id, whatever module is missing.
    private static bool IsMissingModule(ErrorRecord error) => error.FullyQualifiedErrorId.StartsWith(ErrorIds.ModuleNotFound, StringComparison.Ordinal);

    // The property reaches $Error and -ErrorVariable, but not a catch after -ErrorAction Stop: there the engine re-creates
    // the record, and keeps the exception alone.
    private static ErrorRecord Name(DispatchTask task, ErrorRecord record)
    {
        ErrorRecord own = record;

        // A cmdlet may write the same record while a job adds it to its stream.
        lock (s_tagLock)
        {
            PSMemberInfoCollection<PSPropertyInfo> properties = PSObject.AsPSObject(record).Properties;
            object? named = properties[TaskProperty]?.Value;
            if (named is null)
            {
                properties.Add(new PSNoteProperty(TaskProperty, task));
            }
            else if (!ReferenceEquals(named, task))
            {
                // Another task has thrown the same record, and is named on it.
                own = Copy(record);
                PSObject.AsPSObject(own).Properties.Add(new PSNoteProperty(TaskProperty, task));
            }
        }

        TaskExceptions.Name(record.Exception, task);
        return own;
    }

    private static ErrorRecord Copy(ErrorRecord record) => record is RemotingErrorRecord remote
        ? new RemotingErrorRecord(remote, remote.OriginInfo)
        : new ErrorRecord(record, replaceParentContainsErrorRecordException: null);
}
