namespace Dispatching;

/// <summary>What a task and the waits for it ask of the scheduler that has accepted the task.</summary>
internal interface ITaskOwner
{
    /// <summary>The name of the dispatcher.</summary>
    string Name { get; }

    /// <summary>The public object in front of the scheduler: the sender of events.</summary>
    object Facade { get; }

    Clock Clock { get; }

    /// <summary>How long an attempt may run where its task says nothing.</summary>
    System.TimeSpan TaskTimeout { get; }

    /// <summary>How long an attempt may take to end once it is asked to.</summary>
    System.TimeSpan StopGrace { get; }

    UnreceivedOutput Unreceived { get; }

    /// <summary>See <see cref="DispatchTask.Stop"/>. Where only pending tasks are to be stopped, one that has started goes on.</summary>
    bool Stop(DispatchTask task, bool onlyPending);

    /// <summary>See <see cref="DispatchTask.Priority"/>.</summary>
    void SetPriority(DispatchTask task, int priority);

    /// <summary>What pending tasks depend on has ended, or has ended in a way that stops them.</summary>
    /// <param name="first">The first of them; <see cref="TaskDependencies.Next"/> leads to the others.</param>
    void OnDependenciesSettled(TaskDependencies first);

    /// <summary>See <see cref="DispatchTask.PendingReason"/>.</summary>
    string? GetPendingReason(DispatchTask task);

    /// <summary>A task has written very much that nobody has received.</summary>
    void OnLargeOutput(DispatchTask task);

    /// <summary>A task on this runner waits for its own scheduler, which may run one more meanwhile. <see cref="StartThreads"/> has to follow.</summary>
    void Block(TaskRunner runner);

    /// <summary>That wait is over. <see cref="StartThreads"/> has to follow.</summary>
    void Unblock(TaskRunner runner);

    /// <summary>Starts the threads that a step under a lock has asked for. Only where the caller holds no lock.</summary>
    void StartThreads();
}
