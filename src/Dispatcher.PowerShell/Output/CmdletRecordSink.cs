using System;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>The way of a task's records into the streams of a cmdlet.</summary>
internal sealed class CmdletRecordSink : ITaskRecordSink
{
    // WriteError overwrites where an error came from, unless this is set. The engine does the same for its own jobs, and
    // has no public way to it.
    private static readonly PropertyInfo? s_preserveInvocationInfo = typeof(ErrorRecord).GetProperty(
        "PreserveInvocationInfoOnce", BindingFlags.Instance | BindingFlags.NonPublic);

    private readonly Cmdlet _cmdlet;
    private readonly ProgressRelay _progress;
    private readonly bool _tag;

    internal CmdletRecordSink(PSCmdlet cmdlet, bool tag)
    {
        _cmdlet = cmdlet;
        _progress = new ProgressRelay(cmdlet);
        _tag = tag;
    }

    /// <summary>Whether a worker that cannot be set up ends the cmdlet: every other task would fail in the same way.</summary>
    internal bool EndsOnSetupFailure { get; init; }

    /// <summary>Writes a record into the same stream that it was written to in its task.</summary>
    public void Write(DispatchTask task, TaskRecord record)
    {
        switch (record.Kind)
        {
            case RecordKind.Output:
                WriteOutput(task, record.Value);
                break;
            case RecordKind.Error when record.Value is { } value:
                ErrorRecord error = TaskRecords.ToError(task, value);
                if (EndsOnSetupFailure && value is WorkerSetupException)
                {
                    _cmdlet.ThrowTerminatingError(error);
                }

                s_preserveInvocationInfo?.SetValue(error, TaskRecords.IsOfTask(value));
                _cmdlet.WriteError(error);
                break;
            case RecordKind.Warning when record.Value is { } value:
                _cmdlet.WriteWarning(TaskRecords.ToWarning(value).Message);
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
            case RecordKind.Progress when record.Value is ProgressRecord progress:
                _progress.Write(task, progress);
                break;
            default:
                // Standard error is a log of its own, and stays with the task.
                break;
        }
    }

    /// <inheritdoc/>
    public void End(DispatchTask task) => _progress.End(task);

    /// <summary>Takes down what is still shown. Before the cmdlet ends.</summary>
    internal void End() => _progress.End();

    /// <summary>Takes down what is still shown, when the cmdlet is disposed of.</summary>
    internal void Abandon() => _progress.Abandon();

    /// <summary>Begins to show how far the tasks are, where somebody wants to see it.</summary>
    internal TaskProgress? StartProgress(Func<ProgressCounts> count) => TaskProgress.Start(_progress, count);

    private void WriteOutput(DispatchTask task, object? value) =>
        _cmdlet.WriteObject(_tag && value is not null ? TaskWrapper.Create(value, task) : value, enumerateCollection: false);
}
