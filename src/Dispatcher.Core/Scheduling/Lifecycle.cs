using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>The status of a scheduler, and those who wait for it to change. The scheduler's lock guards it.</summary>
internal sealed class Lifecycle
{
    private readonly object _lock;
    private readonly SchedulerObservers _observers;
    private readonly List<IInterruptibleWait> _waits = [];

    internal Lifecycle(object schedulerLock, SchedulerObservers observers)
    {
        _lock = schedulerLock;
        _observers = observers;
    }

    internal DispatcherStatus Status { get; private set; }

    /// <summary>Whether tasks are started.</summary>
    internal bool IsWorking => Status is DispatcherStatus.Running or DispatcherStatus.Draining;

    /// <summary>Whether it has ended for good.</summary>
    internal bool IsClosed { get; set; }

    /// <summary>Set once the scheduler has stopped and its threads have ended. Each run has its own.</summary>
    internal ManualResetEventSlim Stopped { get; private set; } = new(initialState: true);

    /// <summary>Starts a run.</summary>
    /// <param name="stopped">Will be <see cref="Stopped"/>; made before the lock was taken.</param>
    internal void Run(ManualResetEventSlim stopped)
    {
        Set(DispatcherStatus.Running);
        InterruptSafe.Set(Stopped); // Whoever waits for the last threads of the run before need not wait for this one.
        Stopped = stopped;
    }

    internal void Set(DispatcherStatus status)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        DispatcherStatus before = Status;
        Status = status;
        InterruptWaits();
        _observers.OnStatusChanged(before, status);
    }

    /// <summary>Interrupts a wait from now on when the status changes, or a task has written very much.</summary>
    internal void AddWait(IInterruptibleWait wait)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _waits.Add(wait);
    }

    internal void RemoveWait(IInterruptibleWait wait)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _waits.Remove(wait);
    }

    internal void InterruptWaits()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _waits.ForEach(wait => wait.Interrupt());
    }
}
