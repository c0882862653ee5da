using System.Collections.Generic;

namespace Dispatching;

/// <summary>The tasks that wait for their next attempt, by the time it is due. the scheduler's lock guards it.</summary>
internal sealed class DelayedTasks
{
    private readonly SortedSet<DispatchTask> _tasks = new(new DueOrder());

    internal int Count => _tasks.Count;

    internal long NextDue => _tasks.Min?.DueAt ?? Clock.Never;

    internal void Add(DispatchTask task, long due)
    {
        task.DueAt = due;
        _tasks.Add(task);
    }

    internal bool Remove(DispatchTask task) => _tasks.Remove(task);

    internal DispatchTask? TakeDue(long now)
    {
        DispatchTask? first = _tasks.Min;
        if (first is null || first.DueAt > now)
        {
            return null;
        }

        _tasks.Remove(first);
        return first;
    }

    internal void CopyTo(List<DispatchTask> target) => target.AddRange(_tasks);

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
