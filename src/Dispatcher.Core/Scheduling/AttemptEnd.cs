using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>Ends attempts and tasks: each attempt once, and each task in one final state. Under the scheduler's lock.</summary>
internal sealed class AttemptEnd
{
    private readonly SchedulerState _state;
    private readonly Func<string> _getName;
    private readonly PendingTasks _pending;
    private readonly RunningAttempts _running;
    private readonly TaskCounts _counts;
    private readonly TaskHistory _history;
    private readonly SchedulerObservers _observers;

    internal AttemptEnd(SchedulerState state, Func<string> getName)
    {
        _getName = getName;
        _state = state;
        _pending = state.Pending;
        _running = state.Running;
        _counts = state.Counts;
        _history = state.History;
        _observers = state.Observers;
    }

    /// <summary>Whether no attempt is to follow any other.</summary>
    private bool IsOver => _state.Lifecycle.IsClosed || _state.Failures.IsHalted;

    /// <summary>
    /// Ends an attempt: the task has another one, or reaches its final state. A task that is tried again at once is ready
    /// then, and the caller sees to it that a worker comes for it.
    /// </summary>
    internal void EndAttempt(TaskContext attempt, TaskState state, Exception? error, long now, ref AfterLock after)
    {
        Debug.Assert(Monitor.IsEntered(_state.Lock), "The scheduler's lock is not held.");
        DispatchTask task = attempt.Task;
        Release(attempt);
        if (state is (TaskState.Completed or TaskState.Failed) && attempt.HasLostRecord)
        {
            // The body may not have heard of it. The exception is the runner's only one, so that it goes after this.
            state = TaskState.Failed;
            error = attempt.Runner.NoMemory;
            attempt.Runner.IsSpoiled = true;
        }

        if (state == TaskState.TimedOut && task.StartedTimeout is { } timeout)
        {
            error = CreateTimeout(task, timeout, attempt.Runner);
        }

        if (error is null || !CanRetry(attempt, state, out TimeSpan delay) || !TryRetry(attempt, error, delay, now))
        {
            EndTask(task, TaskState.Running, state, error, now, ref after);
        }
    }

    /// <summary>
    /// Ends an attempt whose host was lost: the task is ready for another one, whatever it says of retries, unless it was asked
    /// to stop or nothing starts any more.
    /// </summary>
    internal void Requeue(TaskContext attempt, Exception reason, long now, ref AfterLock after)
    {
        DispatchTask task = attempt.Task;
        if (task.IsLastAttempt)
        {
            EndAttempt(attempt, TaskState.Stopped, error: null, now, ref after);
        }
        else if (attempt.HasLostRecord || IsOver || !TrySetRequeued(task, reason))
        {
            EndAttempt(attempt, TaskState.Failed, reason, now, ref after);
        }
        else
        {
            Release(attempt);
            SetReady(task, now);
        }
    }

    /// <summary>Ends a task that has not started, and is in no set any more.</summary>
    /// <param name="task">The task.</param>
    /// <param name="now">The time.</param>
    /// <param name="after">Has its listeners told.</param>
    /// <param name="error">Why, where it is not that somebody stopped it.</param>
    internal void EndPending(DispatchTask task, long now, ref AfterLock after, Exception? error = null)
    {
        EndTask(task, TaskState.Pending, TaskState.Stopped, error, now, ref after);
        _state.Takers.WakeAll();
    }

    /// <summary>Ends a task that completed in a run before, and is in no set.</summary>
    internal void EndRecorded(DispatchTask task, long now, ref AfterLock after)
    {
        _counts.AddFromJournal();
        EndTask(task, TaskState.Pending, TaskState.Completed, error: null, now, ref after);
    }

    /// <summary>Stops all that is pending, and takes no more.</summary>
    internal void Halt(DispatcherHaltedException reason, FailureAction action, long now, ref AfterLock after)
    {
        _state.Failures.HaltReason = reason;
        while (_pending.TakeAny() is { } task)
        {
            EndPending(task, now, ref after);
            reason.StoppedCount++;
        }

        _pending.Runners.StopAll();

        _observers.OnHalted(reason);
        after.StopsRunning |= action == FailureAction.StopAll;
        _state.Senders.Release(_pending, isWorking: false);
        _state.Lifecycle.InterruptWaits();
    }

    /// <summary>An attempt that was counted as an open start has started by now, or has ended without.</summary>
    internal void CloseStart(TaskContext attempt, long? startedAt)
    {
        if (attempt.IsOpenStart)
        {
            attempt.IsOpenStart = false;
            _pending.Rate.CloseStart(startedAt);
            _state.Alarm.SetBy(_pending.NextDue);
        }
    }

    private bool CanRetry(TaskContext attempt, TaskState state, out TimeSpan delay)
    {
        delay = TimeSpan.Zero;
        return !IsOver && RetryPolicy.TryGetDelay(attempt, state, _state.Random, out delay);
    }

    private static Exception CreateTimeout(DispatchTask task, TimeSpan timeout, TaskRunner runner)
    {
        try
        {
            return new TaskTimeoutException(task, timeout);
        }
        catch (OutOfMemoryException)
        {
            return runner.NoMemory;
        }
    }

    /// <summary>Makes a task pending for its next attempt, whether the queue is full or not. <see langword="false"/> if there is no memory for that.</summary>
    private bool TryRetry(TaskContext attempt, Exception error, TimeSpan delay, long now)
    {
        DispatchTask task = attempt.Task;
        try
        {
            task.Conditions ??= new TaskConditions();
            var notice = new RetryNotice(task, error, delay);
            if (delay != TimeSpan.Zero)
            {
                _pending.AddDelayed(task, Clock.Add(now, delay));
            }

            task.SetRetrying(error, notice);
        }
        catch (OutOfMemoryException)
        {
            _pending.Remove(task);
            return false;
        }

        if (delay == TimeSpan.Zero)
        {
            SetReady(task, now);
        }
        else
        {
            SetPending(task);
            _state.Alarm.SetBy(_pending.NextDue);
        }

        return true;
    }

    /// <summary>Has a task lose its attempt. <see langword="false"/> if there is no memory for that.</summary>
    private static bool TrySetRequeued(DispatchTask task, Exception reason)
    {
        try
        {
            task.Conditions ??= new TaskConditions();
            task.SetRequeued(reason, new RequeueNotice(task, reason));
            task.Conditions.RequeueCount++;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>An attempt has ended, and holds nothing any more.</summary>
    private void Release(TaskContext attempt)
    {
        _running.Remove(attempt);
        CloseStart(attempt, startedAt: null);
        if (attempt.Task.Conditions is not null)
        {
            _pending.Groups.OnEnded(attempt);
        }
    }

    /// <summary>A task is ready for another attempt.</summary>
    private void SetReady(DispatchTask task, long now)
    {
        task.Conditions!.RetriedAt = now; // Whoever tries again has made them.
        _pending.AddReady(task);
        SetPending(task);
    }

    private void SetPending(DispatchTask task)
    {
        _counts.Move(TaskState.Running, TaskState.Pending);
        _observers.OnTransition(task, TaskTransition.AttemptEnded);
    }

    private void EndTask(DispatchTask task, TaskState from, TaskState state, Exception? error, long now, ref AfterLock after)
    {
        task.EndedTimestamp = now;
        task.SetEnded(state, error);
        _counts.Move(from, state);
        _history.Add(task);
        _observers.OnTransition(task, TaskTransition.Ended);
        after.AddEnded(task);
        if (!task.FromJournal && _state.Failures.Count(state))
        {
            Halt(_state.Failures.CreateReason(_getName()), _state.Failures.Action, now, ref after);
        }
    }
}
