namespace Dispatching;

/// <summary>A wait for tasks that comes back early when there is something to tell whoever waits.</summary>
internal interface IInterruptibleWait
{
    /// <summary>Whether the last wait came back because it was interrupted. For the thread that waits.</summary>
    bool WasInterrupted { get; }

    /// <summary>Has the wait, or the next one, come back. May be called inside the scheduler's lock; does not block.</summary>
    void Interrupt();
}
