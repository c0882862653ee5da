using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Writes the records of tasks into the streams of a cmdlet.</summary>
internal sealed class CmdletRecordSink : ITaskRecordSink
{
    private readonly Cmdlet _cmdlet;
    private readonly ProgressRelay _progress;
    private readonly bool _tag;

    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="tag">Whether output objects name their task.</param>
    internal CmdletRecordSink(PSCmdlet cmdlet, bool tag)
    {
        _cmdlet = cmdlet;
        _progress = new ProgressRelay(cmdlet);
        _tag = tag;
    }

    /// <summary>Whether a worker that cannot be set up ends the cmdlet: every other task would fail in the same way.</summary>
    internal bool EndsOnSetupFailure { get; init; }

    /// <inheritdoc/>
    public void WriteOutput(DispatchTask task, object? value) =>
        _cmdlet.WriteObject(_tag && value is not null ? TaskWrapper.Create(value, task) : value, enumerateCollection: false);

    /// <inheritdoc/>
    public void WriteError(DispatchTask task, object error)
    {
        ErrorRecord record = TaskRecords.ToError(task, error);
        if (EndsOnSetupFailure && error is WorkerSetupException)
        {
            _cmdlet.ThrowTerminatingError(record);
        }

        ErrorOrigin.Write(_cmdlet, record, isKept: TaskRecords.IsOfTask(error));
    }

    /// <inheritdoc/>
    public void WriteWarning(WarningRecord warning) => _cmdlet.WriteWarning(warning.Message);

    /// <inheritdoc/>
    public void WriteVerbose(VerboseRecord verbose) => _cmdlet.WriteVerbose(verbose.Message);

    /// <inheritdoc/>
    public void WriteDebug(DebugRecord debug) => _cmdlet.WriteDebug(debug.Message);

    /// <inheritdoc/>
    public void WriteInformation(InformationRecord information) => _cmdlet.WriteInformation(information);

    /// <inheritdoc/>
    public void WriteProgress(DispatchTask task, ProgressRecord progress) => _progress.Write(task, progress);

    /// <inheritdoc/>
    public void End(DispatchTask task) => _progress.End(task);

    /// <summary>Completes the progress that is still shown. Before the cmdlet ends.</summary>
    internal void End() => _progress.End();

    /// <summary>Completes the progress that is still shown, when the cmdlet is disposed of.</summary>
    internal void Abandon() => _progress.Abandon();

    /// <summary>Begins to show how far the tasks are, unless progress is silenced.</summary>
    internal TaskProgress? StartProgress(Func<ProgressCounts> count) => TaskProgress.Start(_progress, count);
}
