namespace Dispatching.PowerShell;

/// <summary>How far the workers of a dispatcher are kept apart, from each other and from this session.</summary>
public enum WorkerIsolation
{
    /// <summary>Each worker is a thread with a runspace of its own in this process.</summary>
    Thread = 0,

    /// <summary>Each worker has a process of its own for script blocks, which ends with a task that does not end otherwise.</summary>
    Process = 1,
}
