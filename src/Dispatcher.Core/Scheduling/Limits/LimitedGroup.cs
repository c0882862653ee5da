using System.Collections.Generic;

namespace Dispatching;

/// <summary>A group with a limit, and those of its tasks that have no place. The scheduler's lock guards it.</summary>
internal sealed class LimitedGroup : TaskGroup
{
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

    /// <summary>Its tasks that have a place and have not started.</summary>
    internal List<DispatchTask> Ready { get; } = [];

    /// <summary>Its tasks that have no place.</summary>
    internal GroupQueue Held { get; }

    /// <summary>The lowest priority of any task that it has had.</summary>
    internal int LowestPriority { get; set; } = int.MaxValue;

    internal bool HasPlace => PlaceCount < Limit;
}
