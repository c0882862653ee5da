using System;

namespace Dispatching;

/// <summary>A worker was abandoned, because its task did not end when asked to, nor by force. Immutable.</summary>
public sealed class WorkerReplacedEventArgs : EventArgs
{
    internal WorkerReplacedEventArgs(DispatchTask task, int oldWorker, int? newWorker)
    {
        Task = task;
        OldWorker = oldWorker;
        NewWorker = newWorker;
    }

    /// <summary>The task that held the worker. Its attempt has ended; its code may still be running.</summary>
    public DispatchTask Task { get; }

    /// <summary>The number of the worker that was abandoned.</summary>
    public int OldWorker { get; }

    /// <summary>
    /// The number of the one in its place; <see langword="null"/> where none is needed, because the dispatcher stops or
    /// has more workers than it may have.
    /// </summary>
    public int? NewWorker { get; }
}
