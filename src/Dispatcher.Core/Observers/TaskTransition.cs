namespace Dispatching;

/// <summary>What has just happened to a task. The task itself has the details: attempt, worker, state, error.</summary>
internal enum TaskTransition
{
    /// <summary>A scheduler has accepted it.</summary>
    Queued = 0,

    /// <summary>An attempt has started.</summary>
    Started = 1,

    /// <summary>An attempt has ended, and there will be another.</summary>
    AttemptEnded = 2,

    /// <summary>It has reached its final state.</summary>
    Ended = 3,
}
