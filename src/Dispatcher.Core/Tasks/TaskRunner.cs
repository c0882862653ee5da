using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Who runs attempts and belongs to one scheduler: a worker, which runs one at a time on its own thread, or one that takes
/// several and has them run elsewhere.
/// </summary>
internal abstract class TaskRunner
{
    [ThreadStatic]
    private static TaskRunner? s_current;

    private IDisposable? _resource;

    protected TaskRunner(ITaskOwner owner, int number)
    {
        Owner = owner;
        Number = number;
    }

    /// <summary>The runner whose task runs on this thread.</summary>
    internal static TaskRunner? Current
    {
        get => s_current;
        private protected set => s_current = value;
    }

    internal ITaskOwner Owner { get; }

    /// <summary>The number that its tasks show as <see cref="DispatchTask.Worker"/>.</summary>
    internal int Number { get; }

    /// <summary>The machine that runs its tasks; <see langword="null"/> where they run in this process.</summary>
    internal string? ComputerName { get; private protected init; }

    /// <summary>Its place among the <c>WaitingTakers</c>, which make it. Guarded by the scheduler's lock.</summary>
    internal LinkedListNode<TaskRunner>? WaitingPlace { get; set; }

    /// <summary>The tasks that it has claimed ahead; <see langword="null"/> where it has never claimed any, and once it has left. Guarded by the scheduler's lock.</summary>
    internal ISentSet? Sent { get; set; }

    /// <summary>Whether it has left its scheduler, and claims nothing more. Guarded by the scheduler's lock.</summary>
    internal bool HasLeft { get; set; }

    /// <summary>Whether it has run out of memory, and is to go. Guarded by the scheduler's lock.</summary>
    internal bool IsSpoiled { get; set; }

    /// <summary>How many attempts it has started. Guarded by the scheduler's lock.</summary>
    internal int StartedCount { get; set; }

    // The three below belong to RunningAttempts, and are guarded by the scheduler's lock.

    /// <summary>How many attempts it runs now.</summary>
    internal int RunningCount { get; set; }

    /// <summary>The first in the list of the attempts that it runs.</summary>
    internal TaskContext? FirstRunning { get; set; }

    /// <summary>Whether the scheduler knows it as one that may run attempts.</summary>
    internal bool IsRegistered { get; set; }

    /// <summary>
    /// What ends a task where there is no memory for an exception of its own. One per runner, made beforehand; the runner
    /// goes after it was used.
    /// </summary>
    internal InsufficientMemoryException NoMemory { get; } =
        new("There was not enough memory for the task. What it had written may have been dropped.");

    /// <summary>The task of this thread, where the runner has one thread for its tasks; <see langword="null"/> between two of them.</summary>
    internal virtual DispatchTask? CurrentTask => null;

    /// <summary>Whether it holds a place of its scheduler. One that was abandoned does not. Guarded by the scheduler's lock.</summary>
    internal abstract bool HoldsPlace { get; }

    /// <summary>What runs bodies that are <see cref="IHostedDispatchable"/>; <see langword="null"/> until it is made.</summary>
    internal abstract IWorkerHost? Host { get; }

    /// <summary>The name of its host in <see cref="TaskOptions.HostName"/>; <see langword="null"/> where that is this machine.</summary>
    internal virtual string? HostName => null;

    /// <summary>There may be a task for it: has it ask for one. May be called under the scheduler's lock; does not block.</summary>
    internal abstract void Wake();

    /// <summary>Asks the body to end: of a hosted task, or of any that runs elsewhere. Does not block.</summary>
    internal abstract void RequestHostStop(TaskContext attempt);

    /// <summary>
    /// Asks for a task back that it has claimed and not started. What it answers comes as a return or as a start. Called under no
    /// lock; does not block.
    /// </summary>
    internal virtual void Recall(DispatchTask task)
    {
        // One that claims none has none.
    }

    /// <summary>Its attempt was abandoned: ends by force what can be. Called outside of all locks.</summary>
    internal abstract void OnAbandoned(TaskContext attempt);

    /// <summary>Called on the thread of a task that ends the process and so never returns: ends the task as stopped.</summary>
    internal abstract void AbandonTask();

    /// <summary>What a body keeps with the runner for the next one of its kind. Made at the first use; for the runner's own thread.</summary>
    internal T GetResource<T>(Func<T> create)
        where T : class, IDisposable
    {
        if (_resource is not T resource)
        {
            _resource?.Dispose();
            _resource = null;
            _resource = resource = create();
        }

        return resource;
    }

    /// <summary>Has the next one that asks get a new one. Whoever calls disposes of this one.</summary>
    internal void ForgetResource(IDisposable resource)
    {
        if (ReferenceEquals(_resource, resource))
        {
            _resource = null;
        }
    }

    private protected void DisposeResource() => _resource?.Dispose();
}
