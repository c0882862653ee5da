using System;

namespace Dispatching;

/// <summary>The runners elsewhere of one dispatcher, as far as they live by its runs: sessions that open and close.</summary>
internal interface IRunnerSet
{
    /// <summary>How many lanes are open: what users see as the number of workers. Safe to use from any thread; takes no lock of a scheduler.</summary>
    int OpenLanes { get; }

    /// <summary>How many there are at most.</summary>
    int MaxLanes { get; }

    /// <summary>
    /// The dispatcher begins to run: opens sessions, and claims tasks by <see cref="Scheduler.Remote"/>. Called under no lock
    /// on the thread of whoever started it; does not wait for the sessions. Once, until <see cref="Close"/> has reported.
    /// </summary>
    void Open(Scheduler scheduler);

    /// <summary>It has stopped, nothing runs and nothing is sent: closes the sessions. Called under no lock; does not wait.</summary>
    /// <param name="closed">To be called once they are closed, on any thread and under no lock. After 15 s nobody waits for it.</param>
    void Close(Action closed);

    /// <summary>Takes what somebody should be told of: each thing once.</summary>
    string[] TakeNotices();
}
