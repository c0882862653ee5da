using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Holds back the tasks whose group has no place for them. A task takes its place when it becomes ready, so whatever the
/// ready queue holds can start. The scheduler's lock guards it.
/// </summary>
internal sealed class GroupLimits : IPendingSet
{
    private readonly object _lock;
    private readonly ReadyTasks _ready;
    private readonly Dictionary<string, LimitedGroup> _groups = new(StringComparer.OrdinalIgnoreCase);

    internal GroupLimits(object schedulerLock, ReadyTasks ready)
    {
        _lock = schedulerLock;
        _ready = ready;
    }

    /// <summary>The limits; <see langword="null"/> for none. <see cref="PendingTasks.SetGroupLimit"/> sets them.</summary>
    internal GroupLimit? Limit { get; set; }

    /// <summary>How many tasks it holds back.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no group has more places taken than it may have, save for what ran when that was lowered or a wait ended.</summary>
    internal IEnumerable<LimitedGroup> Groups => _groups.Values;

    /// <inheritdoc/>
    public string GetReason(DispatchTask task) => PendingReasons.Group;

    /// <summary>Takes a task in that is in no set: into the ready queue where its group has a place, otherwise here.</summary>
    public void Add(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (GetGroup(task) is not { } group)
        {
            _ready.Insert(task);
            return;
        }

        task.Conditions!.Group = group; // A task with a group has conditions.
        group.LowestPriority = Math.Min(group.LowestPriority, task.Priority);
        if (group.HasPlace && group.HeldCount == 0)
        {
            Place(group, task);
            return;
        }

        Hold(group, task);
        Fill(group);
        if (ReferenceEquals(task.PendingSet, this) && TryDisplace(group, task.Priority))
        {
            group.Held.Remove(task);
            Count--;
            Place(group, task);
        }
    }

    /// <inheritdoc/>
    public void Remove(DispatchTask task)
    {
        LimitedGroup group = GroupOf(task)!; // Otherwise it is not held here.
        group.Held.Remove(task);
        Count--;
        Leave(group, task);
    }

    /// <inheritdoc/>
    public void CopyTo(List<DispatchTask> target)
    {
        foreach (LimitedGroup group in _groups.Values)
        {
            if (group.HeldCount > 0)
            {
                group.Held.CopyTo(target);
            }
        }
    }

    /// <inheritdoc/>
    public DispatchTask? TakeAny()
    {
        foreach (LimitedGroup group in _groups.Values)
        {
            if (group.HeldCount > 0 && group.Held.TakeNext() is { } task)
            {
                Count--;
                Leave(group, task);
                return task;
            }
        }

        return null;
    }

    /// <summary>A task with a place has left the ready queue to start. It keeps the place.</summary>
    internal static void OnStarted(DispatchTask task) => GroupOf(task)?.RemoveReady(task);

    /// <summary>A task with a place has left the ready queue, and does not start.</summary>
    internal void OnRemovedFromReady(DispatchTask task)
    {
        if (GroupOf(task) is { } group)
        {
            group.RemoveReady(task);
            FreePlace(group, task);
        }
    }

    /// <summary>A task with a place has left the ready queue, and is about to be added again: its place is free, and nobody has it yet.</summary>
    internal void GivePlaceBack(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (GroupOf(task) is { } group)
        {
            group.RemoveReady(task);
            group.PlaceCount--;
        }
    }

    /// <summary>A task with a place that was sent to a runner comes back: its place is free, and nobody has it yet. <see cref="Add"/> has to follow.</summary>
    internal void OnReturned(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (GroupOf(task) is { } group)
        {
            group.PlaceCount--;
        }
    }

    /// <summary>A task with a place that was sent to a runner ends without having started.</summary>
    internal void OnRemovedFromSent(DispatchTask task)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (GroupOf(task) is { } group)
        {
            FreePlace(group, task);
        }
    }

    /// <summary>An attempt has ended. Its place goes to another.</summary>
    internal void OnEnded(TaskContext attempt)
    {
        if (GroupOf(attempt.Task) is { } group)
        {
            if (attempt.HasGivenPlaceUp)
            {
                group.BlockedCount--;
                Leave(group, attempt.Task);
            }
            else
            {
                FreePlace(group, attempt.Task);
            }
        }
    }

    /// <summary>A running attempt waits for its own dispatcher: others may have its place meanwhile.</summary>
    internal void OnBlocked(TaskContext attempt)
    {
        if (attempt.HasGivenPlaceUp)
        {
            return;
        }

        // Also where its group has no limit, which may be set meanwhile.
        attempt.HasGivenPlaceUp = true;
        if (GroupOf(attempt.Task) is { } group)
        {
            group.PlaceCount--;
            group.BlockedCount++;
            Fill(group);
        }
    }

    /// <summary>That wait is over. For a time there may be more at once than the limit says.</summary>
    internal static void OnUnblocked(TaskContext attempt)
    {
        if (attempt.HasGivenPlaceUp && GroupOf(attempt.Task) is { } group)
        {
            group.PlaceCount++;
            group.BlockedCount--;
        }

        attempt.HasGivenPlaceUp = false;
    }

    /// <summary>The limit has changed: attempts that run have their places, whether there are enough or not.</summary>
    internal void OnRunning(TaskContext attempt) => OnTaken(attempt.Task, attempt.HasGivenPlaceUp);

    /// <summary>The same for a task that was sent to a runner.</summary>
    internal void OnSent(DispatchTask task) => OnTaken(task, hasGivenPlaceUp: false);

    /// <summary>Forgets all groups, of which no pending task is a member at the moment.</summary>
    internal void Clear() => _groups.Clear();

    private static LimitedGroup? GroupOf(DispatchTask task) => (LimitedGroup?)task.Conditions?.Group;

    private LimitedGroup? GetGroup(DispatchTask task)
    {
        if (task.Options.Group is not { } name || Limit is not { } limits)
        {
            return null;
        }

        if (!_groups.TryGetValue(name, out LimitedGroup? group) && limits.Of(name) is { } limit)
        {
            _groups.Add(name, group = new LimitedGroup(this, name, limit));
        }

        return group;
    }

    private void OnTaken(DispatchTask task, bool hasGivenPlaceUp)
    {
        if (GetGroup(task) is { } group)
        {
            task.Conditions!.Group = group; // A task with a group has conditions.
            group.PlaceCount += hasGivenPlaceUp ? 0 : 1;
            group.BlockedCount += hasGivenPlaceUp ? 1 : 0;
        }
        else if (task.Conditions is { } conditions)
        {
            conditions.Group = null;
        }
    }

    /// <summary>Takes the place of a ready task that has a lower priority, if there is one.</summary>
    private bool TryDisplace(LimitedGroup group, int priority)
    {
        if (priority <= group.LowestPriority || group.FindLastReady(priority) is not { } lowest)
        {
            return false;
        }

        _ready.Remove(lowest);
        group.RemoveReady(lowest);
        group.PlaceCount--;
        Hold(group, lowest);
        return true;
    }

    private void Place(LimitedGroup group, DispatchTask task)
    {
        group.AddReady(task);
        group.PlaceCount++;
        _ready.Insert(task);
    }

    private void Hold(LimitedGroup group, DispatchTask task)
    {
        group.Held.Insert(task);
        Count++;
    }

    private void FreePlace(LimitedGroup group, DispatchTask task)
    {
        group.PlaceCount--;
        Fill(group);
        Leave(group, task);
    }

    private void Fill(LimitedGroup group)
    {
        while (group.HasPlace && group.HeldCount > 0 && group.Held.TakeNext() is { } next)
        {
            Count--;
            Place(group, next);
        }
    }

    private void Leave(LimitedGroup group, DispatchTask task)
    {
        task.Conditions!.Group = null; // It has been in the group.
        if (group.PlaceCount == 0 && group.BlockedCount == 0 && group.HeldCount == 0)
        {
            // There may be a name for each task.
            _groups.Remove(group.Name);
        }
    }
}
