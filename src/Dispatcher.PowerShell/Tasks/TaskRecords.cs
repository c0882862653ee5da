using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The records of a task as PowerShell's own.</summary>
internal static class TaskRecords
{
    /// <summary>The property that names the task, on error records and on output that is to be told apart.</summary>
    internal const string TaskProperty = "DispatchTask";

    private static readonly object s_tagGate = new();

    internal static ErrorRecord ToError(DispatchTask task, object value)
    {
        ErrorRecord record = value switch
        {
            ErrorRecord known => known,
            RuntimeException { ErrorRecord: { } known } => known,
            TaskTimeoutException timeout => new ErrorRecord(timeout, ErrorIds.TaskTimedOut, ErrorCategory.OperationTimeout, task),
            ExecutableException { ExitCode: null } start => new ErrorRecord(start, ErrorIds.ExecutableNotStarted, ErrorCategory.ResourceUnavailable, task),
            ExecutableException exit => new ErrorRecord(exit, ErrorIds.UnexpectedExitCode, ErrorCategory.FromStdErr, task),
            WorkerSetupException setup => new ErrorRecord(setup, ErrorIds.WorkerSetupFailed, ErrorCategory.ResourceUnavailable, task),
            ScriptExitException exit => new ErrorRecord(exit, ErrorIds.UnexpectedExitCode, ErrorCategory.NotSpecified, task),
            Exception exception => new ErrorRecord(exception, ErrorIds.TaskFailed, ErrorCategory.NotSpecified, task),
            string line => new ErrorRecord(new RemoteException(line), ErrorIds.StandardErrorLine, ErrorCategory.FromStdErr, task),
            _ => new ErrorRecord(new InvalidOperationException(value.ToString()), ErrorIds.TaskFailed, ErrorCategory.NotSpecified, task),
        };
        Name(task, record);
        return record;
    }

    /// <summary>
    /// The error, and after it what an executable wrote to its standard error, each line a record. After it, so that a
    /// caller who stops at the first error stops at the one that says what happened.
    /// </summary>
    internal static IEnumerable<ErrorRecord> ToErrors(DispatchTask task, object value) =>
        new[] { value }.Concat(value is ExecutableException { StandardError: { } lines } ? lines : []).Select(one => ToError(task, one));

    internal static WarningRecord ToWarning(object value) => value as WarningRecord ?? new WarningRecord(value.ToString());

    /// <summary>Adds a property to an object that names its task.</summary>
    internal static PSObject Tag(PSObject target, DispatchTask task)
    {
        // The same record may be shown by a cmdlet while a job takes it in.
        lock (s_tagGate)
        {
            target.Properties.Remove(TaskProperty);
            target.Properties.Add(new PSNoteProperty(TaskProperty, task));
            TaskOutputView.Mark(target);
            return target;
        }
    }

    // The property reaches $Error and -ErrorVariable, but not a catch after -ErrorAction Stop: there the engine makes a
    // record anew, and what it keeps is the exception.
    private static void Name(DispatchTask task, ErrorRecord record)
    {
        Tag(PSObject.AsPSObject(record), task);
        try
        {
            record.Exception.Data["DispatchTaskId"] = task.Id;
            record.Exception.Data["DispatchTaskName"] = task.Name;
        }
        catch (Exception)
        {
            // An exception type of the user's own may refuse. The record is worth more than its label.
        }
    }
}
