using System;

namespace Dispatching;

/// <summary>What workers and their pool ask of the scheduler they belong to.</summary>
internal interface IWorkerScheduler
{
    /// <summary>Makes the host of a worker. Runs user code, on the worker's own thread.</summary>
    /// <exception cref="InvalidOperationException">The dispatcher makes no hosts.</exception>
    IWorkerHost CreateHost();

    /// <summary>Reports a task that ended by itself, and takes the next.</summary>
    /// <param name="worker">The worker whose thread this is.</param>
    /// <param name="finished">The attempt that ended; <see langword="null"/> if there was none.</param>
    /// <param name="error">What ended it; <see langword="null"/> if it completed.</param>
    /// <param name="next">The next attempt; <see langword="null"/> when the worker is to end.</param>
    /// <returns><see langword="false"/> when there is nothing to do now: the worker waits until it is woken, and asks again.</returns>
    bool CompleteAndTakeNext(Worker worker, TaskContext? finished, Exception? error, out TaskContext? next);

    /// <summary>Records an attempt whose body has ended well in the journal, if there is one. It is reported after that.</summary>
    /// <returns>Why that was not possible, and the task fails; otherwise <see langword="null"/>.</returns>
    Exception? Record(TaskContext attempt);

    /// <summary>Reports an attempt that was asked to stop and did.</summary>
    void CompleteStopped(TaskContext attempt, AttemptState state);

    /// <summary>
    /// A step of the worker's own has failed, for want of memory as a rule: what it runs fails by that, and it leaves the pool.
    /// </summary>
    void CompleteBroken(Worker worker, Exception error);

    /// <summary>The host is open: the timeout of a task that waited for it counts from now.</summary>
    void StartTimeout(TaskContext attempt);

    /// <summary>Ends a task as stopped whose thread will not come back to it: the calling one.</summary>
    void AbandonCurrent(TaskContext attempt);

    /// <summary>Lets a worker claim tasks ahead, whose host runs them elsewhere.</summary>
    ITaskClaims GetClaims(Worker worker);

    /// <summary>The end of the worker's thread has come.</summary>
    void OnExited(Worker worker);

    /// <summary>When the end of a worker that leaves the pool now is waited for no longer. Under the scheduler's lock.</summary>
    long GetExitDeadline();
}
