using System;

namespace Dispatching;

/// <summary>What the end of this process asks of each scheduler, in this order.</summary>
internal interface IExitingScheduler
{
    /// <summary>How long what runs may take to end once it is asked to.</summary>
    TimeSpan StopGrace { get; }

    /// <summary>Has nothing start any more.</summary>
    void Close();

    /// <summary>Asks what runs to end.</summary>
    void StopRunning();

    /// <summary>A task may be what ends the process. If one of this scheduler runs on the calling thread, which will not go back to it, ends it.</summary>
    void AbandonCurrentTask();

    bool WaitUntilStopped(TimeSpan timeout);

    /// <summary>Waits until the log is written.</summary>
    void Flush(TimeSpan timeout);
}
