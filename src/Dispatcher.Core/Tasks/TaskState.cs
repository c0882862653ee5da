namespace Dispatching;

/// <summary>Where a task is in its life. The last four are final, and a task reaches exactly one of them, once.</summary>
public enum TaskState
{
    /// <summary>Made, but not yet accepted by a dispatcher.</summary>
    Created = 0,

    /// <summary>Accepted, and waiting for a worker or for its next attempt.</summary>
    Pending = 1,

    /// <summary>On a worker.</summary>
    Running = 2,

    /// <summary>Ended by itself.</summary>
    Completed = 3,

    /// <summary>Ended by an error of its own: a terminating error, or an unexpected exit code.</summary>
    Failed = 4,

    /// <summary>Ran longer than its timeout.</summary>
    TimedOut = 5,

    /// <summary>Stopped on request, while it ran or before.</summary>
    Stopped = 6,
}
