using System.Collections.Generic;

namespace Dispatching;

/// <summary>The tasks that may not start before a time, <see cref="DispatchTask.DueAt"/>: those that wait for their next attempt.</summary>
internal sealed class DelayedTasks : IPendingSet
{
    private readonly SortedSet<DispatchTask> _tasks = new(new DueOrder());

    /// <inheritdoc/>
    public string Reason => PendingReasons.Retry;

    /// <inheritdoc/>
    public int Count => _tasks.Count;

    /// <summary>When the next one may start.</summary>
    internal long NextDue => _tasks.Min?.DueAt ?? Clock.Never;

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
        if (first is null || first.DueAt > now)
        {
            return null;
        }

        Remove(first);
        return first;
    }

    private sealed class DueOrder : Comparer<DispatchTask>
    {
        public override int Compare(DispatchTask? x, DispatchTask? y)
        {
            // The set never holds null.
            int byTime = x!.DueAt.CompareTo(y!.DueAt);
            return byTime != 0 ? byTime : x.Id.CompareTo(y.Id);
        }
    }
}
