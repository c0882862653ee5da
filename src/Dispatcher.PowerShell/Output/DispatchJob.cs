using System;
using System.Globalization;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// A job over any number of tasks. What they write goes into the job's own streams, from a thread of its own; it is
/// failed when one of them failed or timed out, and stopped when one of them was stopped otherwise.
/// </summary>
public sealed class DispatchJob : Job
{
    private readonly JobRecordSink _sink;
    private readonly TaskStream _tasks;
    private readonly Dispatcher? _ownDispatcher;
    private readonly ManualResetEventSlim _ended = new();
    private readonly object _lock = new();
    private readonly BackgroundThread _thread;
    private long _added;
    private volatile bool _isFinal;
    private bool _isStopping;
    private bool _hasFailed;

    /// <param name="command">What the property Command shows.</param>
    /// <param name="name">A name; <see langword="null"/> for one that the engine makes.</param>
    /// <param name="ownDispatcher">The dispatcher that ends with the job, if there is one.</param>
    /// <param name="ordered">Whether the output comes in the order of the tasks.</param>
    /// <param name="tag">Whether output objects name their task.</param>
    internal DispatchJob(string command, string? name, Dispatcher? ownDispatcher, bool ordered, bool tag)
        : base(command, name)
    {
        PSJobTypeName = nameof(DispatchJob);
        _ownDispatcher = ownDispatcher;
        _sink = new JobRecordSink(this, tag);
        _tasks = new TaskStream(_sink, wait => wait(CancellationToken.None), ordered, keep: false);
        _tasks.ExpectMore();
        SetJobState(JobState.Running);

        // Added first, so that it runs first: another handler may wait for a caller of StopJob, as that of Receive-Job does,
        // which removes the job.
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

        // The thread that sets the final state may not have done so yet. A handler of the event runs on that thread, after
        // it has.
        if (!_thread.IsCurrent)
        {
            _ended.Wait();
        }
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

        // Its own dispatcher first: what is queued there must not start meanwhile.
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

    private void Run()
    {
        try
        {
            _tasks.Pump(Timeout.InfiniteTimeSpan);
            if (_ownDispatcher is { } own)
            {
                own.Quit(drain: true);
                if (own.HaltReason is not null)
                {
                    _hasFailed = true;
                    Error.Add(CmdletErrors.Halted(own, unsent: 0));
                }

                if (own.Log?.TakeWarning() is { } warning)
                {
                    _sink.WriteWarning(new WarningRecord(warning));
                }

                SessionDispatchers.Remove(own);
            }
        }
        catch (Exception)
        {
            // Somebody has closed a stream, or memory has run out. An exception that leaves a thread would end the process.
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
