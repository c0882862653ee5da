using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>Starts attempts: counts, times and tells of each in one step. Under the scheduler's lock.</summary>
internal sealed class AttemptStart
{
    // A host may have modules to import before its first task can start, which takes seconds; not for ever.
    private static readonly TimeSpan s_hostTimeout = TimeSpan.FromMinutes(5);

    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly PendingTasks _pending;
    private readonly RunningAttempts _running;
    private readonly TaskCounts _counts;
    private readonly SchedulerObservers _observers;
    private readonly SchedulerAlarm _alarm;

    internal AttemptStart(Scheduler scheduler, SchedulerState state)
    {
        _scheduler = scheduler;
        _state = state;
        _pending = state.Pending;
        _running = state.Running;
        _counts = state.Counts;
        _observers = state.Observers;
        _alarm = state.Alarm;
    }

    /// <summary>Starts a task that was ready, and is in no set any more.</summary>
    internal void Start(DispatchTask task, TaskContext attempt, long now)
    {
        now = NotBefore(task, now);
        attempt.AwaitsHost = attempt.Runner.Host is null && task.Body is IHostedDispatchable;
        if (_pending.Rate.Rate is not null)
        {
            attempt.IsOpenStart = attempt.AwaitsHost;
            now = _pending.Rate.Start(now, attempt.IsOpenStart);
            _alarm.SetBy(_pending.NextDue);
        }

        Begin(task, attempt, now);
    }

    /// <summary>Starts a task that was sent, counted as an open start, and is in no set any more.</summary>
    internal void StartSent(DispatchTask task, TaskContext attempt, long now)
    {
        now = NotBefore(task, now);
        _pending.Rate.CloseStart(now);
        _alarm.SetBy(_pending.NextDue);
        Begin(task, attempt, now);
    }

    private long NotBefore(DispatchTask task, long now)
    {
        // The timestamp was taken before the lock: the task may have come since. Nor may it have started before those ended
        // that it waited for.
        now = Math.Max(now, task.QueuedTimestamp);
        return task.Conditions is not null && task.Options.DependsOn.Count > 0 ? Math.Max(now, _state.Now()) : now;
    }

    private void Begin(DispatchTask task, TaskContext attempt, long now)
    {
        Debug.Assert(Monitor.IsEntered(_state.Lock), "The scheduler's lock is not held.");
        TimeSpan timeout = task.Options.Timeout ?? _scheduler.Settings.DefaultTimeout;
        attempt.Assign(task, ++task.Attempt);
        task.SetRunning(attempt, now, timeout);
        attempt.Runner.StartedCount++;
        _running.Add(attempt);
        _counts.Move(TaskState.Pending, TaskState.Running);
        _observers.OnTransition(task, TaskTransition.Started);
        attempt.Deadline = Clock.Add(now, attempt.AwaitsHost && timeout >= TimeSpan.Zero && timeout < s_hostTimeout ? s_hostTimeout : timeout);
        _alarm.SetBy(attempt.Deadline);
    }
}
