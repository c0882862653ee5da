using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// All tasks that have not started, each in the set that holds it back: ready to start, beyond the bound of the queue, or
/// delayed. Only ready ones are handed out, so the pool grows and wakes by <see cref="ReadyCount"/> alone. The scheduler's
/// lock guards it.
/// </summary>
internal sealed class PendingTasks
{
    private readonly object _lock;
    private readonly ReadyQueue _ready = new();
    private readonly OverflowStack _overflow = new();
    private readonly DelayedTasks _delayed = new();
    private readonly IPendingSet[] _sets;
    private int _bound;

    internal PendingTasks(object schedulerLock, int bound)
    {
        _lock = schedulerLock;
        _bound = bound;
        _sets = [_ready, _overflow, _delayed];
    }

    /// <summary>How many tasks can start now: those in the overflow are only not in the queue yet.</summary>
    internal int ReadyCount => _ready.Count + _overflow.Count;

    /// <summary>How many tasks count for the bound of the queue.</summary>
    internal int QueuedCount => _ready.Count;

    /// <summary>How many tasks are pending in all.</summary>
    internal int Count => _ready.Count + _overflow.Count + _delayed.Count;

    /// <summary>When the next delayed task may start.</summary>
    internal long NextDue => _delayed.NextDue;

    /// <summary>Whether the overflow waits although the queue has space, which must not be.</summary>
    internal bool IsOverflowStranded => _overflow.Count > 0 && _ready.Count < _bound;

    /// <summary>How many ready tasks the queue takes. Delayed and retried ones do not count, nor those that idle workers are about to take.</summary>
    internal int Bound
    {
        get => _bound;
        set
        {
            _bound = value;
            Refill();
        }
    }

    /// <summary>Whether the queue has space for a new task.</summary>
    internal bool HasSpace(int idleWorkers) => _ready.Count - idleWorkers < _bound;

    /// <summary>Takes in a task that can start now.</summary>
    internal void AddReady(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _ready.Add(task);
    }

    /// <summary>Takes in a task for which the queue has no space.</summary>
    internal void AddOverflow(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _overflow.Add(task);
    }

    /// <summary>Takes in a task that may not start before a time.</summary>
    internal void AddDelayed(DispatchTask task, long due)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        task.DueAt = due;
        _delayed.Add(task);
    }

    /// <summary>Takes the next task out that starts; <see langword="null"/> when none can.</summary>
    internal DispatchTask? TakeNext()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        DispatchTask? next = _ready.TakeNext();
        if (next is not null)
        {
            Refill();
        }

        return next;
    }

    /// <summary>Takes out the next delayed task that may start by now.</summary>
    internal DispatchTask? TakeDue(long now)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        return _delayed.TakeDue(now);
    }

    /// <summary>Takes a task out of whatever set holds it.</summary>
    internal void Remove(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        task.PendingSet?.Remove(task);
        Refill();
    }

    /// <summary>Takes any task out, for a scheduler that ends all; <see langword="null"/> when there is none left.</summary>
    internal DispatchTask? TakeAny()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        foreach (IPendingSet set in _sets)
        {
            if (set.TakeAny() is { } task)
            {
                return task;
            }
        }

        return null;
    }

    internal void CopyTo(List<DispatchTask> target)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        foreach (IPendingSet set in _sets)
        {
            set.CopyTo(target);
        }
    }

    private void Refill()
    {
        while (_overflow.Count > 0 && _ready.Count < _bound)
        {
            _ready.Add(_overflow.TakeNext()!);
        }
    }
}
