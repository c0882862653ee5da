using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Stops attempts step by step: it asks, waits for the grace, ends by force what the body has started, and at last abandons
/// the attempt with its runner. Called under no lock, save where a method says otherwise; each step takes the scheduler's lock for its part.
/// </summary>
internal sealed class StopEscalation
{
    // Ending a task by force takes some milliseconds, and a second where its processes keep starting others. One that takes
    // longer must not keep its worker.
    private static readonly TimeSpan s_forceTimeout = TimeSpan.FromSeconds(2);

    // Where there is no memory, the alarm tries again.
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(100);

    private static readonly Action<TaskContext> s_clearDeadline = attempt => attempt.Deadline = Clock.Never;

    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly AttemptEnd _ends;

    internal StopEscalation(Scheduler scheduler, SchedulerState state, AttemptEnd ends)
    {
        _scheduler = scheduler;
        _state = state;
        _ends = ends;
    }

    /// <summary>See <see cref="DispatchTask.Stop"/>.</summary>
    internal bool Stop(DispatchTask task, bool onlyPending)
    {
        TaskContext? running = null;
        TaskRunner? sentTo = null;
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (task.State == TaskState.Running && !onlyPending)
            {
                task.IsLastAttempt = true;
                running = task.Context;
            }
            else if (task.State != TaskState.Pending)
            {
                return false;
            }
            else if (task.PendingSet is SentTasks sent)
            {
                task.IsLastAttempt = true;
                sentTo = sent.Runner;
            }
            else
            {
                _state.Pending.Remove(task);
                _state.Senders.Release(_state.Pending, _state.Lifecycle.IsWorking);
                _ends.EndPending(task, _state.Now(), ref after);
                _scheduler.Settle();
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }

        sentTo?.Recall(task);
        if (running is not null)
        {
            // Its timeout or its end may have come first; the stop still sees to it that no attempt follows.
            RequestStop(running, TaskState.Stopped);
        }

        return true;
    }

    /// <summary>Asks all running tasks to stop, and returns those that it has asked. Some may end in another way first.</summary>
    internal IReadOnlyList<DispatchTask> StopRunning()
    {
        var running = new List<TaskContext>();
        lock (_state.Lock)
        {
            running.AddRange(_state.Running.All);
            running.ForEach(attempt => attempt.Task.IsLastAttempt = true);
        }

        running.ForEach(attempt => RequestStop(attempt, TaskState.Stopped));
        return running.ConvertAll(attempt => attempt.Task);
    }

    /// <summary>Asks an attempt to stop, unless it has ended or was asked before.</summary>
    internal void RequestStop(TaskContext attempt, TaskState finalState)
    {
        if (TryBeginStop(attempt, finalState))
        {
            attempt.Ask();
        }
    }

    /// <summary>Ends a task as stopped whose thread is not coming back to it: the calling one.</summary>
    internal void AbandonCurrent(TaskContext attempt)
    {
        attempt.TryBeginStop(TaskState.Stopped);
        Abandon([attempt], withHandler: true);
    }

    /// <summary>Sorts what is due from what is overdue, in lists that have a place for each. Under the scheduler's lock.</summary>
    internal void TakeDue(long now, List<TaskContext> due, List<TaskContext> overdue)
    {
        foreach (TaskContext attempt in _state.Running.All)
        {
            if (attempt.Deadline <= now)
            {
                // Told apart here: a stop on request may begin for one of those that are due before its turn comes, and its
                // grace only begins then.
                (attempt.IsInGrace ? overdue : due).Add(attempt);
            }
        }

        due.ForEach(s_clearDeadline);
        foreach (TaskContext attempt in overdue)
        {
            attempt.Deadline = attempt.IsForced || attempt.StopHandler is null ? Clock.Never : Clock.Add(now, s_forceTimeout);
        }
    }

    /// <summary>There was no memory for all that is due. What has its place is dealt with now, the rest a moment later. Under the scheduler's lock.</summary>
    internal void PostponeRest(List<TaskContext> due, List<TaskContext> overdue)
    {
        due.ForEach(s_clearDeadline);
        overdue.ForEach(s_clearDeadline);
        _state.Alarm.SetBy(Clock.Add(_state.Now(), s_retryInterval));
    }

    /// <summary>Ends what has reached its timeout, and what has not ended in its grace.</summary>
    internal void EndDue(List<TaskContext> due, List<TaskContext> overdue)
    {
        // Where many are due at once: first the clocks of all, then the threads that asking and forcing start. Those want
        // the processor, and the last task would be late by all of them.
        int begun = 0;
        for (int i = 0; i < due.Count; i++)
        {
            if (TryBeginStop(due[i], TaskState.TimedOut))
            {
                due[begun++] = due[i];
            }
        }

        for (int i = 0; i < begun; i++)
        {
            due[i].Ask();
        }

        foreach (TaskContext attempt in overdue)
        {
            if (attempt.IsForced)
            {
                attempt.StopHandler?.Abandon();
            }
        }

        Abandon(overdue, withHandler: false);
        foreach (TaskContext attempt in overdue)
        {
            attempt.IsForced = true;
            Force(attempt);
        }
    }

    /// <summary>Begins a stop, and with it the grace. Whoever gets <see langword="true"/> has to ask the attempt.</summary>
    private bool TryBeginStop(TaskContext attempt, TaskState finalState)
    {
        if (!attempt.TryBeginStop(finalState))
        {
            return false;
        }

        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            attempt.IsInGrace = true;
            _scheduler.SetDeadline(attempt, _scheduler.StopGrace);
        }
        finally
        {
            _scheduler.Leave(ref after);
        }

        return true;
    }

    private void Force(TaskContext attempt)
    {
        // Without a thread to be had, it is done here: late for others, but done.
        if (attempt.StopHandler is { } handler && !TryStartForce(attempt, handler))
        {
            ForceAndAbandon(attempt, handler);
        }
    }

    private bool TryStartForce(TaskContext attempt, IStopHandler handler)
    {
        try
        {
            return BackgroundThread.TryStart("Dispatcher force", () => ForceAndAbandon(attempt, handler));
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private void ForceAndAbandon(TaskContext attempt, IStopHandler handler)
    {
        try
        {
            handler.Force();
        }
        catch (Exception)
        {
            // What cannot be ended by force is abandoned all the same.
        }

        try
        {
            Abandon([attempt], withHandler: true);
        }
        catch (OutOfMemoryException)
        {
            // The alarm tries again.
            AfterLock after = default;
            _scheduler.Enter();
            _scheduler.SetDeadline(attempt, s_retryInterval);
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>Abandons attempts that did not end in time, with their runners.</summary>
    /// <param name="attempts">The attempts. Those that are abandoned are taken out.</param>
    /// <param name="withHandler">
    /// Whether to abandon those as well that have a handler, which ends them by force first, and whose time for that is not over.
    /// </param>
    private void Abandon(List<TaskContext> attempts, bool withHandler)
    {
        if (attempts.Count == 0)
        {
            return;
        }

        int count = 0;
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            // To the front, without a list of their own: there may be no memory for one.
            for (int i = 0; i < attempts.Count; i++)
            {
                TaskContext attempt = attempts[i];
                if ((withHandler || attempt.IsForced || attempt.StopHandler is null) && attempt.TryAbandon())
                {
                    _scheduler.Handout.Abandon(attempt, ref after);
                    (attempts[count], attempts[i]) = (attempt, attempts[count]);
                    count++;
                }
            }

            _scheduler.Settle();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }

        attempts.RemoveRange(0, count);
    }
}
