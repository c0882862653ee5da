using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// All tasks that have not started, each in the set that holds it back: ready to start, beyond the bound of the queue,
/// delayed, waiting for other tasks, or for a place in their group; or sent to a runner that has yet to start it. Only ready
/// ones are handed out, so the pool grows and wakes by <see cref="StartableCount"/> alone. The scheduler's lock guards it.
/// </summary>
internal sealed class PendingTasks
{
    private readonly object _lock;
    private readonly ReadyTasks _ready;
    private readonly OverflowStack _overflow = new();
    private readonly DelayedTasks _delayed = new();
    private readonly DependentTasks _dependents = new();
    private readonly GroupLimits _groups;
    private readonly IPendingSet[] _sets;
    private int _bound;

    internal PendingTasks(object schedulerLock, int bound)
    {
        _lock = schedulerLock;
        _bound = bound;
        Runners = new RemoteRunners(schedulerLock);
        _ready = new ReadyTasks(Runners);
        _groups = new GroupLimits(schedulerLock, _ready);
        _sets = [_ready, _overflow, _delayed, _dependents, _groups];
    }

    /// <summary>How many tasks can start now, whoever takes them: those in the overflow are only not in the queue yet.</summary>
    internal int StartableCount => IsSuspended ? 0 : Math.Min(_ready.UnpinnedCount + _overflow.Count, Rate.Available);

    /// <summary>Whether the suspension and the rate let anything start.</summary>
    internal bool CanStart => !IsSuspended && Rate.Available > 0;

    /// <summary>How many tasks count for the bound of the queue: those that are ready, and those that a group holds back.</summary>
    internal int QueuedCount => _ready.Count + _groups.Count;

    /// <summary>How many tasks are pending in all.</summary>
    internal int Count
    {
        get
        {
            int count = 0;
            foreach (IPendingSet set in _sets)
            {
                count += set.Count;
            }

            return count + Runners.SentCount;
        }
    }

    /// <summary>When something changes by itself: a delay is over, or the rate lets the next task start.</summary>
    internal long NextDue => Math.Min(_delayed.NextDue, _ready.Count + _overflow.Count > 0 && !IsSuspended ? Rate.NextDue : Clock.Never);

    /// <summary>Whether the overflow waits although the queue has space, which must not be.</summary>
    internal bool IsOverflowStranded => _overflow.Count > 0 && QueuedCount < _bound;

    /// <summary>Whether no task starts until that is over.</summary>
    internal bool IsSuspended { get; set; }

    internal RateLimit Rate { get; } = new();

    /// <summary>The tasks that may start now.</summary>
    internal ReadyTasks Ready => _ready;

    /// <summary>The runners elsewhere, and the tasks that were sent to them.</summary>
    internal RemoteRunners Runners { get; }

    internal GroupLimits Groups => _groups;

    /// <summary>How many ready tasks the queue takes. Delayed, dependent and retried ones do not count, nor those that idle workers are about to take.</summary>
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
    internal bool HasSpace(int idleWorkers) => QueuedCount - idleWorkers < _bound;

    /// <summary>Takes in a new task, or one that is to be tried again, as the last of its priority.</summary>
    internal void AddReady(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (task.Options.Group is not null && _groups.Limit is not null)
        {
            _groups.Add(task);
        }
        else
        {
            _ready.Add(task);
        }
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
        (task.Conditions ??= new TaskConditions()).DueAt = due;
        _delayed.Add(task);
    }

    /// <summary>Takes in a new task if its own conditions do not let it start yet: those it depends on, and its time.</summary>
    internal bool TryHold(DispatchTask task, long now)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        TaskConditions conditions = task.Conditions!; // Made by whoever asks.
        if (conditions.Dependencies is { IsSettled: false })
        {
            _dependents.Add(task);
            return true;
        }

        if (conditions.DueAt > now)
        {
            _delayed.Add(task);
            return true;
        }

        return false;
    }

    /// <summary>Moves on a task that was held back by its conditions or its time. Returns whether it is ready, or waits for its group alone.</summary>
    internal bool Advance(DispatchTask task, long now)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (TryHold(task, now))
        {
            return false;
        }

        if (task.Attempt > 0)
        {
            task.Conditions!.RetriedAt = now; // It was held back by them.
            AddReady(task);
        }
        else
        {
            _groups.Add(task);
        }

        return true;
    }

    /// <summary>Takes the next task out that starts; <see langword="null"/> when none can.</summary>
    internal DispatchTask? TakeNext()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (StartableCount == 0)
        {
            return null;
        }

        PromoteOverflow();
        DispatchTask? next = _ready.TakeNext();
        if (next is not null)
        {
            OnTaken(next);
        }

        return next;
    }

    /// <summary>The next task that starts, which stays where it is; <see langword="null"/> when none can.</summary>
    internal DispatchTask? PeekNext()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (StartableCount == 0)
        {
            return null;
        }

        PromoteOverflow();
        return _ready.Peek();
    }

    /// <summary>Moves the next task that a runner may start to those that it has claimed; <see langword="null"/> when none can.</summary>
    internal DispatchTask? SendNext(SentTasks target, bool takesUnpinned, bool takesPinned, long now)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (!CanStart)
        {
            return null;
        }

        PromoteOverflow();
        DispatchTask? next = _ready.TakeNext(target.Runner.HostName, takesUnpinned, takesPinned);
        if (next is not null)
        {
            OnTaken(next);
            target.Add(next);
            Rate.Start(now, isOpen: true);
        }

        return next;
    }

    /// <summary>Takes back a task that was sent, to where it would be had it not been.</summary>
    internal void Return(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        Rate.CloseStart(startedAt: null);
        _groups.OnReturned(task);
        _groups.Add(task);
    }

    /// <summary>Takes out a task that was sent, and ends without having started.</summary>
    internal void RemoveSent(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        task.PendingSet?.Remove(task);
        Rate.CloseStart(startedAt: null);
        _groups.OnRemovedFromSent(task);
        Refill();
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
        bool isReady = ReferenceEquals(task.PendingSet, _ready);
        task.PendingSet?.Remove(task);
        if (isReady)
        {
            _groups.OnRemovedFromReady(task);
        }

        Refill();
    }

    /// <summary>Gives a task another priority. It keeps its place by the time at which it was sent.</summary>
    internal void SetPriority(DispatchTask task, int priority)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (ReferenceEquals(task.PendingSet, _ready) || ReferenceEquals(task.PendingSet, _groups))
        {
            bool isReady = ReferenceEquals(task.PendingSet, _ready);
            task.PendingSet!.Remove(task); // It is in one of the two.
            if (isReady)
            {
                _groups.GivePlaceBack(task);
            }

            task.SetPriority(priority);
            _groups.Add(task);
        }
        else if (ReferenceEquals(task.PendingSet, _overflow))
        {
            _overflow.Remove(task);
            task.SetPriority(priority);
            _overflow.Insert(task);
        }
        else
        {
            task.SetPriority(priority);
        }
    }

    /// <summary>Changes how many tasks of a group run at once.</summary>
    internal void SetGroupLimit(GroupLimit? limit, IEnumerable<TaskContext> running)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        var queued = new List<DispatchTask>();
        _ready.CopyTo(queued);
        _groups.CopyTo(queued);
        queued.RemoveAll(task => task.Options.Group is null);
        queued.Sort(TaskList.Compare);
        _groups.Limit = null;
        foreach (DispatchTask task in queued)
        {
            task.PendingSet!.Remove(task); // It is in one of the two.
            TaskConditions conditions = task.Conditions!; // It has a group.
            conditions.Group = null;
            conditions.NextInGroup = conditions.PreviousInGroup = null;
        }

        _groups.Clear();
        _groups.Limit = limit;
        foreach (TaskContext attempt in running)
        {
            _groups.OnRunning(attempt);
        }

        var sent = new List<DispatchTask>(Runners.SentCount);
        Runners.CopySentTo(sent);
        sent.ForEach(_groups.OnSent);

        queued.ForEach(_groups.Add);
        Refill();
    }

    /// <summary>Why a pending task has not started, while the dispatcher runs.</summary>
    internal string? GetReason(DispatchTask task) => task.PendingSet is not { } set ? null
        : !ReferenceEquals(set, _ready) && !ReferenceEquals(set, _overflow) ? set.GetReason(task)
        : IsSuspended ? PendingReasons.Suspended
        : Rate.Available == 0 ? PendingReasons.Rate
        : set.GetReason(task);

    /// <summary>Takes any task out that was not sent, for a scheduler that ends all; <see langword="null"/> when there is none left.</summary>
    internal DispatchTask? TakeAny()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        foreach (IPendingSet set in _sets)
        {
            if (set.TakeAny() is { } task)
            {
                if (ReferenceEquals(set, _ready))
                {
                    _groups.OnRemovedFromReady(task);
                }

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

        Runners.CopySentTo(target);
    }

    /// <summary>Tasks in the overflow that have a higher priority than what is ready do not wait for space.</summary>
    private void PromoteOverflow()
    {
        while (_overflow.Count > 0 && _overflow.HighestPriority > _ready.HighestPriority)
        {
            AddReady(_overflow.TakeNext()!); // It has one.
        }
    }

    /// <summary>A task has left the ready ones to start, or to be sent.</summary>
    private void OnTaken(DispatchTask task)
    {
        if (task.Conditions is not null)
        {
            GroupLimits.OnStarted(task);
        }

        Refill();
    }

    private void Refill()
    {
        while (_overflow.Count > 0 && QueuedCount < _bound)
        {
            AddReady(_overflow.TakeNext()!);
        }
    }
}
