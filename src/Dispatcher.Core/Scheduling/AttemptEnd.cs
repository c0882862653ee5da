using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>Ends attempts and tasks: each attempt once, and each task in one final state. Under the scheduler's lock.</summary>
internal sealed class AttemptEnd
{
    private readonly SchedulerState _state;
    private readonly PendingTasks _pending;
    private readonly RunningAttempts _running;
    private readonly TaskCounts _counts;
    private readonly TaskHistory _history;
    private readonly SchedulerObservers _observers;

    internal AttemptEnd(SchedulerState state)
    {
        _state = state;
        _pending = state.Pending;
        _running = state.Running;
        _counts = state.Counts;
        _history = state.History;
        _observers = state.Observers;
    }

    /// <summary>
    /// Ends an attempt: the task has another one, or reaches its final state. A task that is tried again at once is ready
    /// then, and the caller sees to it that a worker comes for it.
    /// </summary>
    internal void EndAttempt(TaskContext attempt, TaskState state, Exception? error, long now, ref AfterLock after)
    {
        Debug.Assert(Monitor.IsEntered(_state.Lock), "The scheduler's lock is not held.");
        DispatchTask task = attempt.Task;
        _running.Remove(attempt);
        if (state is (TaskState.Completed or TaskState.Failed) && attempt.HasLostRecord)
        {
            // The body may not have heard of it. The exception is the runner's only one, so that it goes after this.
            state = TaskState.Failed;
            error = attempt.Runner.NoMemory;
            attempt.Runner.StartedCount = int.MaxValue;
        }

        if (state == TaskState.TimedOut && task.StartedTimeout is { } timeout)
        {
            error = CreateTimeout(task, timeout, attempt.Runner);
        }

        if (error is null || _state.Lifecycle.IsClosed || !RetryPolicy.TryGetDelay(task, out TimeSpan delay) || !TryRetry(task, error, delay, now))
        {
            EndTask(task, TaskState.Running, state, error, now, ref after);
        }
    }

    /// <summary>Ends a task that has not started, and is in no set any more.</summary>
    internal void EndPending(DispatchTask task, long now, ref AfterLock after) => EndTask(task, TaskState.Pending, TaskState.Stopped, error: null, now, ref after);

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
    private bool TryRetry(DispatchTask task, Exception error, TimeSpan delay, long now)
    {
        try
        {
            var notice = new RetryNotice(task, error);
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

        _counts.Move(TaskState.Running, TaskState.Pending);
        if (delay == TimeSpan.Zero)
        {
            _pending.AddReady(task);
        }
        else
        {
            _state.Alarm.SetBy(task.DueAt);
        }

        _observers.OnTransition(task, TaskTransition.AttemptEnded);
        return true;
    }

    private void EndTask(DispatchTask task, TaskState from, TaskState state, Exception? error, long now, ref AfterLock after)
    {
        task.EndedTimestamp = now;
        task.SetEnded(state, error);
        _counts.Move(from, state);
        _history.Add(task);
        _observers.OnTransition(task, TaskTransition.Ended);
        after.AddEnded(task);
    }
}
