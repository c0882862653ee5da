using System;

namespace Dispatching;

/// <summary>
/// What lets pending tasks start, and changes while they wait: their priority, time and dependencies, and the rate, the
/// limits of groups and the suspension of the whole scheduler. Safe to use from any thread.
/// </summary>
internal sealed class StartConditions
{
    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly PendingTasks _pending;
    private readonly PoolScaler _scaler;
    private readonly AttemptEnd _ends;

    internal StartConditions(Scheduler scheduler, SchedulerState state, PoolScaler scaler, AttemptEnd ends)
    {
        _scheduler = scheduler;
        _state = state;
        _pending = state.Pending;
        _scaler = scaler;
        _ends = ends;
    }

    /// <summary>See <see cref="Dispatcher.IsSuspended"/>.</summary>
    internal bool IsSuspended => Read(() => _pending.IsSuspended);

    /// <summary>See <see cref="Dispatcher.HaltReason"/>.</summary>
    internal DispatcherHaltedException? HaltReason => Read(() => _state.Failures.HaltReason);

    internal Rate? Rate
    {
        get => Read(() => _pending.Rate.Rate);
        set => Change(() => _pending.Rate.Set(value, _state.Now()));
    }

    internal GroupLimit? GroupLimit
    {
        get => Read(() => _pending.Groups.Limit);
        set => Change(() => _pending.SetGroupLimit(value, _state.Running.All));
    }

    internal FailureLimit? MaxFailures
    {
        get => Read(() => _state.Failures.Limit);
        set => SetMaxFailures(value);
    }

    internal FailureAction FailureAction
    {
        get => Read(() => _state.Failures.Action);
        set => Change(() => _state.Failures.Action = value);
    }

    /// <summary>See <see cref="Dispatcher.Suspend"/>.</summary>
    internal void Suspend() => Change(() =>
    {
        _scheduler.ThrowIfClosed();
        Set(isSuspended: true);
        _state.Lifecycle.InterruptWaits();
    });

    /// <summary>See <see cref="Dispatcher.Resume"/>.</summary>
    internal void Resume() => Change(() =>
    {
        _scheduler.ThrowIfClosed();
        Set(isSuspended: false);
        _state.Failures.Reset();
        _state.Lifecycle.InterruptWaits();
    });

    /// <summary>Stops what is pending, or what runs as well, and takes no more tasks.</summary>
    internal void Halt(DispatcherHaltedException reason, FailureAction action)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (!_state.Failures.IsHalted)
            {
                _ends.Halt(reason, action, _state.Now(), ref after);
                _scheduler.Settle();
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    private void SetMaxFailures(FailureLimit? limit)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            _state.Failures.Limit = limit;
            if (_state.Failures.IsExceeded)
            {
                _ends.Halt(_state.Failures.CreateReason(_scheduler.Name), _state.Failures.Action, _state.Now(), ref after);
                _scheduler.Settle();
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>See <see cref="DispatchTask.Priority"/>.</summary>
    internal void SetPriority(DispatchTask task, int priority)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (task.State == TaskState.Pending)
            {
                _pending.SetPriority(task, priority);

                // It may have taken the place in its group from one that another host was to run.
                _scaler.WakeIdle();
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>See <see cref="ITaskOwner.OnDependenciesSettled"/>.</summary>
    internal void OnDependenciesSettled(TaskDependencies first)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            long now = _state.Now();
            for (TaskDependencies? settled = first; settled is not null; settled = settled.Next)
            {
                OnSettled(settled, now, ref after);
            }

            OnMoreStartable();
            _scheduler.Settle();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>Moves on what is due: tasks whose time has come, and those that the rate held back. Under the scheduler's lock.</summary>
    internal void OnTick(long now)
    {
        _pending.Rate.Update(now);
        while (_state.Lifecycle.IsWorking && _pending.TakeDue(now) is { } task)
        {
            if (_pending.Advance(task, now))
            {
                _scaler.OnReady();
            }
        }

        if (_pending.Rate.Rate is not null)
        {
            OnMoreStartable();
        }
    }

    private void OnSettled(TaskDependencies settled, long now, ref AfterLock after)
    {
        if (settled.Task is not { State: TaskState.Pending, PendingSet: DependentTasks } task)
        {
            return;
        }

        _pending.Remove(task);
        if (settled.Cause is { } cause)
        {
            _ends.EndPending(task, now, ref after, new DependencyFailedException(cause));
        }
        else
        {
            _pending.Advance(task, now);
        }
    }

    private void Set(bool isSuspended)
    {
        if (_pending.IsSuspended != isSuspended)
        {
            _pending.IsSuspended = isSuspended;
            _state.Observers.OnSuspended(isSuspended);
            if (isSuspended)
            {
                _pending.Runners.RecallAll();
            }
            else
            {
                _pending.Runners.ReleaseWaits();
            }
        }
    }

    private void OnMoreStartable()
    {
        if (_state.Lifecycle.IsWorking)
        {
            _scaler.WakeIdle();
            _scaler.GrowForReady();
            _state.Alarm.SetBy(_pending.NextDue);
        }
    }

    private T Read<T>(Func<T> read)
    {
        lock (_state.Lock)
        {
            return read();
        }
    }

    private void Change(Action change)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            change();
            OnMoreStartable();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }
}
