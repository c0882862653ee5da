namespace Dispatching;

/// <summary>A group with a limit, and those of its tasks that have no place. The scheduler's lock guards it.</summary>
internal sealed class LimitedGroup : TaskGroup
{
    private readonly IPendingSet _owner;
    private GroupQueue? _held;

    // Its tasks that have a place and have not started, linked by their conditions, in no order.
    private DispatchTask? _ready;

    internal LimitedGroup(IPendingSet owner, string name, int limit)
        : base(name)
    {
        _owner = owner;
        Limit = limit;
    }

    /// <summary>How many of its tasks have a place at most.</summary>
    internal int Limit { get; set; }

    /// <summary>How many places are taken: by tasks that are ready, and by running ones that are not blocked.</summary>
    internal int PlaceCount { get; set; }

    /// <summary>How many running tasks have given their place up for as long as they are blocked.</summary>
    internal int BlockedCount { get; set; }

    /// <summary>How many of its tasks have no place.</summary>
    internal int HeldCount => _held?.Count ?? 0;

    /// <summary>Its tasks that have no place. There may be many groups, and most have none of these.</summary>
    internal GroupQueue Held => _held ??= new GroupQueue(_owner);

    /// <summary>The lowest priority of any task that it has had.</summary>
    internal int LowestPriority { get; set; } = int.MaxValue;

    internal bool HasPlace => PlaceCount < Limit;

    internal void AddReady(DispatchTask task)
    {
        TaskConditions conditions = task.Conditions!; // A task with a group has some, here and below.
        conditions.PreviousInGroup = null;
        conditions.NextInGroup = _ready;
        _ready?.Conditions!.PreviousInGroup = task;
        _ready = task;
    }

    internal void RemoveReady(DispatchTask task)
    {
        TaskConditions conditions = task.Conditions!;
        if (conditions.PreviousInGroup is { } previous)
        {
            previous.Conditions!.NextInGroup = conditions.NextInGroup;
        }
        else
        {
            _ready = conditions.NextInGroup;
        }

        conditions.NextInGroup?.Conditions!.PreviousInGroup = conditions.PreviousInGroup;
        conditions.PreviousInGroup = conditions.NextInGroup = null;
    }

    /// <summary>Of its tasks that have a place and a priority below this one, the one that would start last.</summary>
    internal DispatchTask? FindLastReady(int priority)
    {
        DispatchTask? last = null;
        for (DispatchTask? task = _ready; task is not null; task = task.Conditions!.NextInGroup)
        {
            if (task.Priority < priority && (last is null || task.Priority < last.Priority || (task.Priority == last.Priority && TaskList.Compare(task, last) > 0)))
            {
                last = task;
            }
        }

        return last;
    }
}
