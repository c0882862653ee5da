using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>The senders that wait for space in the queue. The scheduler's lock guards it, save for the waiting itself.</summary>
internal sealed class SpaceWaiters
{
    // A sender tries again now and then, since the tasks that run may wait for what it is to send.
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromMilliseconds(100);

    private readonly object _lock;
    private readonly List<ManualResetEventSlim> _waiters = [];

    internal SpaceWaiters(object schedulerLock) => _lock = schedulerLock;

    /// <summary>Adds a sender, which then has to <see cref="Wait"/>.</summary>
    internal ManualResetEventSlim Add()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        var waiter = new ManualResetEventSlim();
        _waiters.Add(waiter);
        return waiter;
    }

    /// <summary>
    /// Lets senders try again once the queue is down to half: woken for each task that leaves, sender and worker would take
    /// turns at every single one.
    /// </summary>
    internal void Release(PendingTasks pending, bool isWorking)
    {
        if (_waiters.Count > 0 && (pending.QueuedCount <= pending.Bound / 2 || !isWorking))
        {
            _waiters.ForEach(InterruptSafe.Set);
            _waiters.Clear();
        }
    }

    /// <summary>Blocks until it is worth trying again. Takes the lock at its end.</summary>
    internal void Wait(ManualResetEventSlim waiter, CancellationToken cancellationToken)
    {
        try
        {
            _ = waiter.Wait(s_checkInterval, cancellationToken);
        }
        finally
        {
            InterruptSafe.Enter(_lock);
            _waiters.Remove(waiter);
            Monitor.Exit(_lock);
        }
    }
}
