using System;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <summary>How tasks come in, and how their senders wait for space. Safe to use from any thread.</summary>
internal sealed class TaskSubmission
{
    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly Lifecycle _lifecycle;
    private readonly PendingTasks _pending;
    private readonly TaskCounts _counts;
    private readonly SchedulerObservers _observers;
    private readonly WorkerPool _pool;
    private readonly PoolScaler _scaler;
    private readonly AttemptEnd _ends;

    internal TaskSubmission(Scheduler scheduler, SchedulerState state, WorkerPool pool, PoolScaler scaler, AttemptEnd ends)
    {
        _ends = ends;
        _scheduler = scheduler;
        _state = state;
        _lifecycle = state.Lifecycle;
        _pending = state.Pending;
        _counts = state.Counts;
        _observers = state.Observers;
        _pool = pool;
        _scaler = scaler;
    }

    /// <summary>See <see cref="Dispatcher.Dispatch(DispatchTask)"/>.</summary>
    internal bool Dispatch(DispatchTask task)
    {
        (long now, TaskConditions? conditions) = Prepare(task);
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            CheckUnsent(task);
            if (!TryAccept(task, now, conditions, ref after, out bool isQueued))
            {
                _counts.Reject();
            }

            return isQueued;
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>Sends a task if there is space for it now; otherwise, it can be sent again.</summary>
    internal bool TryDispatch(DispatchTask task)
    {
        (long now, TaskConditions? conditions) = Prepare(task);
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            CheckUnsent(task);
            return TryAccept(task, now, conditions, ref after, out _);
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>See <see cref="Dispatcher.Send"/>.</summary>
    internal bool Send(DispatchTask task, CancellationToken cancellationToken)
    {
        BlockedScope? blocked = null;
        try
        {
            while (!TrySend(task, out bool isRejected, out ManualResetEventSlim? space))
            {
                if (isRejected || space is null)
                {
                    return false;
                }

                blocked ??= BlockedScope.For(_scheduler);
                _state.Senders.Wait(space, cancellationToken);
            }

            return true;
        }
        finally
        {
            blocked?.Dispose();
        }
    }

    /// <summary>One try to send. Where it fails and is not rejected, the sender waits for space and tries again.</summary>
    private bool TrySend(DispatchTask task, out bool isRejected, out ManualResetEventSlim? space)
    {
        isRejected = false;
        space = null;
        (long now, TaskConditions? conditions) = Prepare(task);
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            CheckUnsent(task);
            if (TryAccept(task, now, conditions, ref after, out _))
            {
                return true;
            }

            if (_scheduler.QueueFullMode == QueueFullMode.Reject)
            {
                _counts.Reject();
                isRejected = true;
                return false;
            }

            if (!_lifecycle.IsWorking)
            {
                throw new InvalidOperationException(string.Format(
                    CultureInfo.InvariantCulture,
                    "The queue of dispatcher '{0}' is full ({1} tasks) and it is not running, so nothing would make room. Start it before you send more.",
                    _scheduler.Name,
                    _pending.QueuedCount));
            }

            space = _state.Senders.Add();
            return false;
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>What is done on the sender's thread before the lock is taken.</summary>
    private (long Now, TaskConditions? Conditions) Prepare(DispatchTask task)
    {
        _observers.OnSending(task);
        long now = _state.Now();
        return (now, task.Options.HasConditions ? CreateConditions(task, now) : null);
    }

    private TaskConditions CreateConditions(DispatchTask task, long now)
    {
        TaskOptions options = task.Options;
        long due = options.Delay > TimeSpan.Zero ? Clock.Add(now, options.Delay) : 0;
        if (options.NotBefore is { } notBefore)
        {
            // A span that may be negative, which Clock.Add takes for one without end.
            TimeSpan left = notBefore - _state.Clock.ToDateTime(now);
            due = Math.Max(due, left > TimeSpan.Zero ? Clock.Add(now, left) : 0);
        }

        return new TaskConditions
        {
            DueAt = due,
            Dependencies = TaskDependencies.AreMet(options) ? null : new TaskDependencies(task),
            Journal = options.Key is { } key && _scheduler.Journal is { } journal ? journal.CreateTask(key) : null,
        };
    }

    private void CheckUnsent(DispatchTask task)
    {
        _scheduler.ThrowIfClosed();
        if (_state.Failures.HaltReason is { } reason)
        {
            throw new DispatcherHaltedException(reason.Message + " It takes no more tasks until it is started again, or resumed.")
            {
                FailedCount = reason.FailedCount,
                StoppedCount = reason.StoppedCount,
            };
        }

        if (task.Owner is not null)
        {
            throw SentBefore(task);
        }

        if (task.PendingSet is not null)
        {
            throw new InvalidOperationException("Task " + task.Name + " is in a TaskStack; take it out before you send it.");
        }
    }

    private static InvalidOperationException SentBefore(DispatchTask task) =>
        new("Task " + task.Name + " was sent before; make another one for each time it is to run.");

    /// <summary>Takes a new task in, unless the queue is full and there is no overflow.</summary>
    private bool TryAccept(DispatchTask task, long now, TaskConditions? conditions, ref AfterLock after, out bool isQueued)
    {
        if (conditions?.Journal?.Find() == true)
        {
            AcceptRecorded(task, now, conditions, ref after);
            isQueued = true;
            return true;
        }

        // Tasks that idle workers are about to take wait in the queue too, and do not count for its bound.
        _pending.Rate.Update(now);
        isQueued = conditions?.HoldsBack(now) == true || _pending.HasSpace(_lifecycle.IsWorking ? _pool.IdleCount : 0);
        if (!isQueued && _scheduler.QueueFullMode != QueueFullMode.Overflow)
        {
            return false;
        }

        Accept(task, now, conditions);
        if (conditions is not null && _pending.TryHold(task, now))
        {
            if (conditions.Dependencies is not null)
            {
                after.AddDependent(task);
            }

            _state.Alarm.SetBy(_pending.NextDue);
        }
        else if (isQueued || task.Options.HostName is not null)
        {
            // What is pinned goes past the overflow: there it would keep others waiting.
            _pending.AddReady(task);
        }
        else
        {
            _pending.AddOverflow(task);
        }

        _observers.OnTransition(task, TaskTransition.Queued);
        _scaler.OnReady();
        return true;
    }

    private void Accept(DispatchTask task, long now, TaskConditions? conditions)
    {
        if (!task.TryAssign(_scheduler))
        {
            // Another dispatcher was faster; its lock is not this one.
            throw SentBefore(task);
        }

        conditions?.Journal?.SetSent();
        task.QueuedTimestamp = now;
        task.Conditions = conditions;
        task.SetPending();
        _counts.Accept();
    }

    /// <summary>Takes in a task that completed in a run before: it ends at once, whatever else holds others back.</summary>
    private void AcceptRecorded(DispatchTask task, long now, TaskConditions conditions, ref AfterLock after)
    {
        Accept(task, now, conditions);
        conditions.Dependencies = null;
        _observers.OnTransition(task, TaskTransition.Queued);
        if (conditions.Journal?.RecordedExitCode is { } exitCode)
        {
            task.SetExitCode(exitCode);
        }

        _ends.EndRecorded(task, now, ref after);
    }
}
