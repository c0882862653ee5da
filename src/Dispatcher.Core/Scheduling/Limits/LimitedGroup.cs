using System.Collections.Generic;

namespace Dispatching;

/// <summary>A group with a limit, and those of its tasks that have no place. The scheduler's lock guards it.</summary>
internal sealed class LimitedGroup : TaskGroup
{
    private readonly List<DispatchTask> _ready = [];

    internal LimitedGroup(IPendingSet owner, string name, int limit)
        : base(name)
    {
        Held = new GroupQueue(owner);
        Limit = limit;
    }

    /// <summary>How many of its tasks have a place at most.</summary>
    internal int Limit { get; set; }

    /// <summary>How many places are taken: by tasks that are ready, and by running ones that are not blocked.</summary>
    internal int PlaceCount { get; set; }

    /// <summary>How many running tasks have given their place up for as long as they are blocked.</summary>
    internal int BlockedCount { get; set; }

    /// <summary>Its tasks that have a place and have not started, in no order.</summary>
    internal IReadOnlyList<DispatchTask> Ready => _ready;

    /// <summary>Its tasks that have no place.</summary>
    internal GroupQueue Held { get; }

    /// <summary>The lowest priority of any task that it has had.</summary>
    internal int LowestPriority { get; set; } = int.MaxValue;

    internal bool HasPlace => PlaceCount < Limit;

    internal void AddReady(DispatchTask task)
    {
        task.Conditions!.IndexInGroup = _ready.Count; // A task with a group has conditions.
        _ready.Add(task);
    }

    internal void RemoveReady(DispatchTask task)
    {
        int last = _ready.Count - 1;
        int index = task.Conditions!.IndexInGroup;
        _ready[index] = _ready[last];
        _ready[index].Conditions!.IndexInGroup = index;
        _ready.RemoveAt(last);
    }

    /// <summary>Of its tasks that have a place and a priority below this one, the one that would start last.</summary>
    internal DispatchTask? FindLastReady(int priority)
    {
        DispatchTask? last = null;
        foreach (DispatchTask task in _ready)
        {
            if (task.Priority < priority && (last is null || task.Priority < last.Priority || (task.Priority == last.Priority && TaskList.Compare(task, last) > 0)))
            {
                last = task;
            }
        }

        return last;
    }
}
