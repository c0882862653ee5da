using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Waits for the end of any number of tasks. Inside a task, its scheduler may run another one meanwhile (see
/// <see cref="BlockedScope"/>).
/// </summary>
internal sealed class TaskWaiter : ITaskListener, IInterruptibleWait, IDisposable
{
    private readonly object _lock = new();
    private readonly List<DispatchTask> _tasks = [];
    private int _running;
    private volatile bool _anyEnded;
    private volatile bool _waitsForAny;
    private bool _isInterrupted;

    /// <inheritdoc/>
    public bool WantsEachRecord => false;

    /// <inheritdoc/>
    public bool IsOver => false;

    /// <inheritdoc/>
    public bool WasInterrupted { get; private set; }

    /// <inheritdoc/>
    public void Interrupt()
    {
        InterruptSafe.Enter(_lock);
        _isInterrupted = true;
        Monitor.PulseAll(_lock);
        Monitor.Exit(_lock);
    }

    /// <summary>Adds a task, which may have ended.</summary>
    internal void Add(DispatchTask task)
    {
        Interlocked.Increment(ref _running);
        _tasks.Add(task);
        task.Subscribe(this);
    }

    /// <inheritdoc/>
    public void OnRecord(DispatchTask task)
    {
        // Only the end counts here.
    }

    /// <inheritdoc/>
    public void OnEnded(DispatchTask task)
    {
        _anyEnded = true;
        if (Interlocked.Decrement(ref _running) == 0 || _waitsForAny)
        {
            InterruptSafe.Enter(_lock);
            Monitor.PulseAll(_lock);
            Monitor.Exit(_lock);
        }
    }

    /// <summary>Blocks until every task has ended.</summary>
    internal bool WaitAll(TimeSpan timeout, CancellationToken cancellationToken) => Wait(any: false, timeout, cancellationToken);

    /// <summary>Blocks until at least one task has ended.</summary>
    internal bool WaitAny(TimeSpan timeout, CancellationToken cancellationToken) => Wait(any: true, timeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DispatchTask task in _tasks)
        {
            if (!task.IsEnded)
            {
                task.Unsubscribe(this);
            }
        }
    }

    private bool IsDone(bool any) => any ? _anyEnded : Volatile.Read(ref _running) == 0;

    private bool Wait(bool any, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _waitsForAny = any;
        WasInterrupted = false;
        if (IsDone(any))
        {
            return true;
        }

        if (timeout == TimeSpan.Zero)
        {
            return false;
        }

        using IDisposable? blocked = BlockedScope.For(_tasks);
        using CancellationTokenRegistration registration = cancellationToken.Register(Wake);
        long start = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            while (!IsDone(any))
            {
                cancellationToken.ThrowIfCancellationRequested();
                WasInterrupted = _isInterrupted;
                _isInterrupted = false;
                if (WasInterrupted || !MonitorWait.UpTo(_lock, timeout, start))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }
}
