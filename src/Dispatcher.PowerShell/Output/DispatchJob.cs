using System;
using System.Globalization;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// A job over any number of tasks. What they write goes into the job's own streams, from a thread of its own; it is
/// failed when one of them failed or timed out, and stopped when one of them was stopped otherwise.
/// </summary>
public sealed class DispatchJob : Job, ITaskRecordSink
{
    private readonly TaskStream _tasks;
    private readonly Dispatcher? _ownDispatcher;
    private readonly bool _tag;
    private readonly ManualResetEventSlim _ended = new();
    private readonly object _lock = new();
    private readonly BackgroundThread _thread;
    private long _added;
    private volatile bool _isFinal;
    private bool _isStopping;
    private bool _hasFailed;

    /// <param name="command">The text to show.</param>
    /// <param name="name">A name; the engine makes one where <see langword="null"/>.</param>
    /// <param name="ownDispatcher">The dispatcher that ends with the job, if there is one.</param>
    /// <param name="ordered">Whether the output comes in the order of the tasks.</param>
    /// <param name="tag">Whether output objects name their task.</param>
    internal DispatchJob(string command, string? name, Dispatcher? ownDispatcher, bool ordered, bool tag)
        : base(command, name)
    {
        PSJobTypeName = nameof(DispatchJob);
        _ownDispatcher = ownDispatcher;
        _tag = tag;
        _tasks = new TaskStream(this, wait => wait(CancellationToken.None), ordered, keep: false);
        _tasks.ExpectMore();
        SetJobState(JobState.Running);

        // The first of the handlers: the others may wait for whoever waits for the end, as that of Receive-Job does, which
        // removes the job.
        StateChanged += (_, change) =>
        {
            if (change.JobStateInfo.State is JobState.Completed or JobState.Failed or JobState.Stopped)
            {
                _ended.Set();
            }
        };
        _thread = BackgroundThread.Start("Dispatcher job", Run);
    }

    /// <inheritdoc/>
    public override bool HasMoreData => !_isFinal || Output.Count > 0 || Error.Count > 0 || Warning.Count > 0
        || Verbose.Count > 0 || Debug.Count > 0 || Information.Count > 0 || Progress.Count > 0;

    /// <inheritdoc/>
    public override string Location => "localhost";

    /// <inheritdoc/>
    public override string StatusMessage => string.Format(
        CultureInfo.InvariantCulture, "{0} of {1} tasks have ended", Interlocked.Read(ref _added) - _tasks.RunningCount, Interlocked.Read(ref _added));

    /// <summary>Stops the tasks that have not ended, and waits until they have.</summary>
    public override void StopJob()
    {
        RequestStop();

        // The thread that sets the final state may not have got there yet. A handler of the event is on that thread, after
        // it has.
        if (!_thread.IsCurrent)
        {
            _ended.Wait();
        }
    }

    /// <inheritdoc/>
    void ITaskRecordSink.Write(DispatchTask task, TaskRecord record)
    {
        if (record.Value is not { } value)
        {
            if (record.Kind == RecordKind.Output)
            {
                Put(Output, null);
            }

            return;
        }

        switch (record.Kind)
        {
            case RecordKind.Output:
                Put(Output, _tag ? TaskWrapper.Create(value, task) : PSObject.AsPSObject(value));
                break;
            case RecordKind.Error:
                Put(Error, TaskRecords.ToError(task, value));
                break;
            case RecordKind.Warning:
                Put(Warning, TaskRecords.ToWarning(value));
                break;
            case RecordKind.Verbose:
                Put(Verbose, (VerboseRecord)value);
                break;
            case RecordKind.Debug:
                Put(Debug, (DebugRecord)value);
                break;
            case RecordKind.Information:
                Put(Information, (InformationRecord)value);
                break;
            case RecordKind.Progress:
                Put(Progress, (ProgressRecord)value);
                break;
            default:
                // Standard error is a log of its own, and stays with the task.
                break;
        }
    }

    /// <inheritdoc/>
    void ITaskRecordSink.End(DispatchTask task)
    {
        // The job ends with its last task, not before.
    }

    internal void Add(DispatchTask task)
    {
        Interlocked.Increment(ref _added);
        _tasks.Add(task);
    }

    /// <summary>Begins to stop the tasks that have not ended, and does not wait.</summary>
    internal void RequestStop()
    {
        lock (_lock)
        {
            if (_isFinal)
            {
                return;
            }

            _isStopping = true;
        }

        // The dispatcher of its own first: what is queued there must not start meanwhile.
        _ownDispatcher?.Dispose();
        foreach (DispatchTask task in _tasks.Running)
        {
            task.Stop();
        }

        CompleteAdding();
    }

    internal void CompleteAdding() => _tasks.CompleteAdding();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            _tasks.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Adds a record, whatever the handlers of the stream's events throw: they are user code, or that of Receive-Job, which
    /// fails when its pipeline has ended. The record is in the stream by then, and others are to follow.
    /// </summary>
    private static void Put<T>(PSDataCollection<T> stream, T record)
    {
        try
        {
            stream.Add(record);
        }
        catch (Exception e) when (e is not OutOfMemoryException && stream.IsOpen)
        {
        }
    }

    private void Run()
    {
        try
        {
            _tasks.Pump(Timeout.InfiniteTimeSpan);
            if (_ownDispatcher is { } own)
            {
                own.Quit(drain: true);
                if (own.Log?.TakeWarning() is { } warning)
                {
                    Put(Warning, new WarningRecord(warning));
                }

                SessionDispatchers.Remove(own);
            }
        }
        catch (Exception)
        {
            // Somebody has closed a stream, or memory has run out. That must not end the process.
            _hasFailed = true;
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        JobState state;
        lock (_lock)
        {
            _isFinal = true;
            state = _isStopping ? JobState.Stopped
                : _hasFailed || _tasks.HasFailed ? JobState.Failed
                : _tasks.HasStopped ? JobState.Stopped : JobState.Completed;
        }

        try
        {
            // Handlers of the event run here, and may ask whether there is more.
            SetJobState(state);
        }
        catch (ObjectDisposedException)
        {
            // It was removed while they ran.
        }
        finally
        {
            _ended.Set();
        }
    }
}
