using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Follows any number of tasks for one waiting thread. Inside a task, the wait lends the worker's place to another one
/// (see <see cref="Dispatching.Worker.LendPlace"/>).
/// </summary>
internal sealed class TaskWatch : ITaskListener, IDisposable
{
    private readonly object _gate = new();
    private readonly HashSet<DispatchTask> _running = [];
    private readonly Queue<DispatchTask> _changed = new();
    private readonly HashSet<DispatchTask> _queued = [];
    private readonly bool _recordsToo;
    private bool _anyEnded;
    private bool _expectsMore;

    internal TaskWatch(bool recordsToo = false) => _recordsToo = recordsToo;

    /// <summary>How many of the tasks have not ended.</summary>
    internal int RunningCount
    {
        get
        {
            lock (_gate)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Whether <see cref="TryTakeChanged"/> waits although there is no task: more are to come.</summary>
    internal void ExpectMore(bool value)
    {
        lock (_gate)
        {
            _expectsMore = value;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>How many tasks <see cref="TryTakeChanged"/> would name now.</summary>
    internal int ChangedCount
    {
        get
        {
            lock (_gate)
            {
                return _changed.Count;
            }
        }
    }

    internal DispatchTask[] GetRunning()
    {
        lock (_gate)
        {
            return [.. _running];
        }
    }

    internal void Add(DispatchTask task)
    {
        lock (_gate)
        {
            if (!_running.Add(task))
            {
                return;
            }
        }

        task.Subscribe(this);

        // What it wrote before is a change, too, to whoever begins to follow it now.
        OnRecord(task);
    }

    public void OnRecord(DispatchTask task)
    {
        if (_recordsToo)
        {
            Report(task, ended: false);
        }
    }

    public void OnEnded(DispatchTask task) => Report(task, ended: true);

    /// <summary>Blocks until every task has ended.</summary>
    internal bool WaitAll(TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitUntil(() => _running.Count == 0, timeout, cancellationToken);

    /// <summary>Blocks until at least one task has ended.</summary>
    internal bool WaitAny(TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitUntil(() => _anyEnded, timeout, cancellationToken);

    /// <summary>
    /// Blocks until a task has written something or ended, and names it: each task once for all that it has done since
    /// it was last named. Returns <see langword="false"/> when the time is up, or nothing can change any more.
    /// </summary>
    internal bool TryTakeChanged(TimeSpan timeout, CancellationToken cancellationToken, out DispatchTask? task)
    {
        task = null;
        if (!WaitUntil(() => _changed.Count > 0 || (_running.Count == 0 && !_expectsMore), timeout, cancellationToken))
        {
            return false;
        }

        lock (_gate)
        {
            if (_changed.Count == 0)
            {
                return false;
            }

            task = _changed.Dequeue();
            _queued.Remove(task);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DispatchTask[] rest;
        lock (_gate)
        {
            rest = [.. _running];
            _running.Clear();
        }

        foreach (DispatchTask task in rest)
        {
            task.Unsubscribe(this);
        }
    }

    private void Report(DispatchTask task, bool ended)
    {
        Uninterrupted.Enter(_gate);
        try
        {
            if (ended)
            {
                _running.Remove(task);
                _anyEnded = true;
            }

            if (_recordsToo && _queued.Add(task))
            {
                _changed.Enqueue(task);
            }

            Monitor.PulseAll(_gate);
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    private bool WaitUntil(Func<bool> condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (condition())
            {
                return true;
            }
        }

        if (timeout == TimeSpan.Zero)
        {
            return false;
        }

        using IDisposable? lent = Worker.LendPlace();
        using CancellationTokenRegistration registration = cancellationToken.Register(Wake);
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (!condition())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!WaitOnce(timeout, start))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private bool WaitOnce(TimeSpan timeout, long start)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return Monitor.Wait(_gate);
        }

        TimeSpan left = timeout - TimeSpan.FromSeconds((double)(Stopwatch.GetTimestamp() - start) / Stopwatch.Frequency);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        // One day at a time: longer waits do not fit into the milliseconds that Monitor counts in.
        Monitor.Wait(_gate, left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1));
        return true;
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }
}
