using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Adds the records of tasks to the streams of a job.</summary>
internal sealed class JobRecordSink : ITaskRecordSink
{
    private readonly Job _job;
    private readonly bool _tag;

    /// <param name="job">The job.</param>
    /// <param name="tag">Whether output objects name their task.</param>
    internal JobRecordSink(Job job, bool tag)
    {
        _job = job;
        _tag = tag;
    }

    /// <inheritdoc/>
    public void WriteOutput(DispatchTask task, object? value) =>
        Add(_job.Output, value is null ? null : _tag ? TaskWrapper.Create(value, task) : PSObject.AsPSObject(value));

    /// <inheritdoc/>
    public void WriteError(DispatchTask task, object error) => Add(_job.Error, TaskRecords.ToError(task, error));

    /// <inheritdoc/>
    public void WriteWarning(WarningRecord warning) => Add(_job.Warning, warning);

    /// <inheritdoc/>
    public void WriteVerbose(VerboseRecord verbose) => Add(_job.Verbose, verbose);

    /// <inheritdoc/>
    public void WriteDebug(DebugRecord debug) => Add(_job.Debug, debug);

    /// <inheritdoc/>
    public void WriteInformation(InformationRecord information) => Add(_job.Information, information);

    /// <inheritdoc/>
    public void WriteProgress(DispatchTask task, ProgressRecord progress) => Add(_job.Progress, progress);

    /// <inheritdoc/>
    public void End(DispatchTask task)
    {
        // The job ends with its last task, not before.
    }

    /// <summary>
    /// Adds a record, whatever the handlers of the stream's events throw: they are user code, or that of Receive-Job, which
    /// fails when its pipeline has ended. The record is in the stream by then, and others are to follow.
    /// </summary>
    private static void Add<T>(PSDataCollection<T> stream, T record)
    {
        try
        {
            stream.Add(record);
        }
        catch (Exception e) when (e is not OutOfMemoryException && stream.IsOpen)
        {
        }
    }
}
