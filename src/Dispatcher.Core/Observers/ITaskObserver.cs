namespace Dispatching;

/// <summary>Is told what happens to the tasks of a scheduler: a log, the events, a trace.</summary>
internal interface ITaskObserver
{
    /// <summary>Whether it wants to be told at all. When that changes, <see cref="SchedulerObservers.Refresh"/> has to follow.</summary>
    bool IsListening { get; }

    /// <summary>
    /// A task is about to be sent. Called on its sender's thread and under no lock, once or more often: the place for what
    /// may run code of the item.
    /// </summary>
    void OnSending(DispatchTask task);

    /// <summary>
    /// Called under the scheduler's lock, in the order in which things happen. It notes what it needs, and acts on it on a
    /// thread of its own: here it may not block, run user code or touch a file.
    /// </summary>
    void OnTransition(DispatchTask task, TaskTransition transition);

    /// <summary>There was no memory to note something.</summary>
    void OnLost();

    /// <summary>Starts the thread that acts, if it is needed and not there. Called under no lock.</summary>
    void StartThread();
}
