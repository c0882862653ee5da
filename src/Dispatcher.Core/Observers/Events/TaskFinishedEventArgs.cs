using System;

namespace Dispatching;

/// <summary>A task has reached its final state. Immutable, as far as the ended task is.</summary>
public sealed class TaskFinishedEventArgs : EventArgs
{
    internal TaskFinishedEventArgs(DispatchTask task) => Task = task;

    /// <summary>The task; its <see cref="DispatchTask.State"/> is final.</summary>
    public DispatchTask Task { get; }
}
