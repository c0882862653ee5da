using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>The way of a task's records into the streams of a cmdlet.</summary>
internal sealed class TaskRecords
{
    /// <summary>The property that names the task, on error records and on output that is to be told apart.</summary>
    internal const string TaskProperty = "DispatchTask";

    // WriteError overwrites where an error came from, unless this is set. The engine does the same for its own jobs, and
    // has no public way to it.
    private static readonly PropertyInfo? s_preserveInvocationInfo = typeof(ErrorRecord).GetProperty(
        "PreserveInvocationInfoOnce", BindingFlags.Instance | BindingFlags.NonPublic);

    private readonly Cmdlet _cmdlet;
    private readonly bool _tag;

    internal TaskRecords(Cmdlet cmdlet, bool tag)
    {
        _cmdlet = cmdlet;
        _tag = tag;
    }

    /// <summary>Whether a worker that cannot be set up ends the cmdlet: every other task would fail in the same way.</summary>
    internal bool EndsOnSetupFailure { get; init; }

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

    /// <summary>The error, and before that of an executable what it wrote to its standard error, each line a record.</summary>
    internal static IEnumerable<ErrorRecord> ToErrors(DispatchTask task, object value) =>
        (value is ExecutableException { StandardError: { } lines } ? lines : []).Append(value).Select(one => ToError(task, one));

    internal static WarningRecord ToWarning(object value) => value as WarningRecord ?? new WarningRecord(value.ToString());

    /// <summary>Adds a property to an object that names its task.</summary>
    internal static void Tag(PSObject target, DispatchTask task)
    {
        target.Properties.Remove(TaskProperty);
        target.Properties.Add(new PSNoteProperty(TaskProperty, task));
    }

    /// <summary>Writes a record into the same stream that it was written to in its task.</summary>
    internal void Replay(DispatchTask task, TaskRecord record)
    {
        switch (record.Kind)
        {
            case RecordKind.Output:
                WriteOutput(task, record.Value);
                break;
            case RecordKind.Error when record.Value is { } value:
                foreach (ErrorRecord error in ToErrors(task, value))
                {
                    if (EndsOnSetupFailure && value is WorkerSetupException)
                    {
                        _cmdlet.ThrowTerminatingError(error);
                    }

                    s_preserveInvocationInfo?.SetValue(error, error.InvocationInfo is not null);
                    _cmdlet.WriteError(error);
                }

                break;
            case RecordKind.Warning when record.Value is { } value:
                _cmdlet.WriteWarning(ToWarning(value).Message);
                break;
            case RecordKind.Verbose:
                _cmdlet.WriteVerbose(((VerboseRecord?)record.Value)?.Message);
                break;
            case RecordKind.Debug:
                _cmdlet.WriteDebug(((DebugRecord?)record.Value)?.Message);
                break;
            case RecordKind.Information:
                _cmdlet.WriteInformation((InformationRecord?)record.Value);
                break;
            case RecordKind.Progress:
                _cmdlet.WriteProgress((ProgressRecord?)record.Value);
                break;
            default:
                // Standard error is a log of its own, and stays with the task.
                break;
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

    private void WriteOutput(DispatchTask task, object? value)
    {
        if (!_tag || value is null)
        {
            _cmdlet.WriteObject(value, enumerateCollection: false);
            return;
        }

        PSObject tagged = PSObject.AsPSObject(value);
        Tag(tagged, task);
        _cmdlet.WriteObject(tagged, enumerateCollection: false);
    }
}
