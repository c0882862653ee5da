namespace Dispatching;

/// <summary>
/// What decides, beside the queue, when one task may start, and what it is judged by. A plain task has none. Guarded by the
/// scheduler's lock.
/// </summary>
internal sealed class TaskConditions
{
    /// <summary>When it may start at the earliest; 0 where that is at once.</summary>
    internal long DueAt { get; set; }

    /// <summary>When it was last ready for another attempt; 0 before that. It comes after those that were sent earlier.</summary>
    internal long RetriedAt { get; set; }

    /// <summary>The group in which it has a place.</summary>
    internal TaskGroup? Group { get; set; }

    /// <summary>The next of those tasks of its group that have a place and have not started. The group sets it.</summary>
    internal DispatchTask? NextInGroup { get; set; }

    /// <summary>The previous one.</summary>
    internal DispatchTask? PreviousInGroup { get; set; }

    /// <summary>What it waits for.</summary>
    internal TaskDependencies? Dependencies { get; set; }

    /// <summary>What it has to do with the journal; <see langword="null"/> where there is none, or it has no key.</summary>
    internal JournaledTask? Journal { get; set; }

    /// <summary>How many records of failed attempts were dropped.</summary>
    internal int DroppedCount { get; set; }

    /// <summary>How many of its attempts lost the host that they ran on.</summary>
    internal int RequeueCount { get; set; }

    /// <summary>How often its host was lost at the moment when it was to begin there.</summary>
    internal int UnstartedLossCount { get; set; }

    /// <summary>The machine that its last attempt ran on; <see langword="null"/> for this process.</summary>
    internal string? ComputerName { get; set; }

    /// <summary>Whether it may not start yet, wherever there is space.</summary>
    internal bool HoldsBack(long now) => Dependencies is { IsSettled: false } || DueAt > now;
}
