namespace Dispatching;

/// <summary>What becomes of a task that is sent while the queue is full.</summary>
public enum QueueFullMode
{
    /// <summary><see cref="Dispatcher.Send"/> waits for room; <see cref="Dispatcher.Dispatch(DispatchTask)"/> does not accept the task.</summary>
    Wait = 0,

    /// <summary>The task goes onto a stack without bound, of which the newest comes first whenever the queue has room.</summary>
    Overflow = 1,

    /// <summary>The task is not accepted.</summary>
    Reject = 2,
}
