using System.Collections.Generic;

namespace Dispatching;

/// <summary>The tasks that may not start before a time: those that wait for their next attempt, and those that were sent so.</summary>
internal sealed class DelayedTasks : IPendingSet
{
    private readonly SortedSet<DispatchTask> _tasks = new(new DueOrder());

    /// <inheritdoc/>
    public string GetReason(DispatchTask task) => task.Attempt == 0 ? PendingReasons.Delay : PendingReasons.Retry;

    /// <inheritdoc/>
    public int Count => _tasks.Count;

    /// <summary>When the next one may start.</summary>
    internal long NextDue => _tasks.Min is { } first ? DueOf(first) : Clock.Never;

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        _tasks.Add(task);
        task.PendingSet = this;
    }

    /// <inheritdoc/>
    public void Remove(DispatchTask task)
    {
        _tasks.Remove(task);
        task.PendingSet = null;
    }

    /// <inheritdoc/>
    public void CopyTo(List<DispatchTask> target) => target.AddRange(_tasks);

    /// <inheritdoc/>
    public DispatchTask? TakeAny() => TakeDue(Clock.Never);

    /// <summary>Takes out the next task that may start by now.</summary>
    internal DispatchTask? TakeDue(long now)
    {
        DispatchTask? first = _tasks.Min;
        if (first is null || DueOf(first) > now)
        {
            return null;
        }

        Remove(first);
        return first;
    }

    // A task in here has been given a time.
    private static long DueOf(DispatchTask task) => task.Conditions!.DueAt;

    private sealed class DueOrder : Comparer<DispatchTask>
    {
        public override int Compare(DispatchTask? x, DispatchTask? y)
        {
            // The set never holds null.
            int byTime = DueOf(x!).CompareTo(DueOf(y!));
            return byTime != 0 ? byTime : x!.Id.CompareTo(y!.Id);
        }
    }
}
