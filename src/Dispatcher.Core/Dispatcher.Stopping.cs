using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <content>Behind the public members: how tasks are stopped, on request and at their limit, and the alarm that watches the limits.</content>
public sealed partial class Dispatcher
{
    // Ending a task by force takes some milliseconds, and a second where its processes keep starting others. One that takes
    // longer must not keep its worker.
    private static readonly TimeSpan s_forceLimit = TimeSpan.FromSeconds(2);
    private static readonly Action<TaskContext> s_clearDeadline = context => context.Deadline = Clock.Never;

    /// <summary>Begins to stop, and does not wait. See <see cref="Quit(bool, TimeSpan, CancellationToken)"/>.</summary>
    internal PendingStop BeginQuit(bool drain)
    {
        ManualResetEventSlim stopped;
        Enter();
        try
        {
            stopped = _stopped;
            if (_status == DispatcherStatus.Running && drain)
            {
                SetStatus(DispatcherStatus.Draining);
            }
            else if (IsWorking && !drain)
            {
                BeginStopping();
            }

            SettleStatus();
        }
        finally
        {
            Leave();
        }

        return new PendingStop(this, stopped);
    }

    /// <summary>Has nothing start any more, for good: queued tasks become stopped. What runs goes on.</summary>
    internal void Close()
    {
        var ended = new List<DispatchTask>();
        Enter();
        try
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            while ((_queue.RemoveFirst() ?? _overflow.Pop() ?? _retries.TakeDue(Clock.Never)) is { } task)
            {
                _counts[(int)TaskState.Pending]--;
                EndFinally(task, TaskState.Stopped, error: null, Now());
                ended.Add(task);
            }

            if (IsWorking)
            {
                BeginStopping();
                SettleStatus();
            }
        }
        finally
        {
            Leave();
        }

        ended.ForEach(task => task.NotifyEnded());
    }

    /// <summary>Ends a task as stopped whose thread is not coming back to it: the calling one.</summary>
    internal void Abandon(TaskContext context)
    {
        context.TryBeginStop(TaskState.Stopped);
        Abandon([context]);
    }

    internal bool StopTask(DispatchTask task)
    {
        TaskContext? running = null;
        Enter();
        try
        {
            if (task.State == TaskState.Running)
            {
                task.IsLastAttempt = true;
                running = task.Context;
            }
            else if (task.State != TaskState.Pending)
            {
                return false;
            }
            else
            {
                if (task.List is { } list)
                {
                    list.Remove(task);
                    RefillQueue();
                    ReleaseSenders();
                }
                else
                {
                    _retries.Remove(task);
                }

                _counts[(int)TaskState.Pending]--;
                EndFinally(task, TaskState.Stopped, error: null, Now());
                SettleStatus();
            }
        }
        finally
        {
            Leave();
        }

        if (running is not null)
        {
            // Its limit or its end may have come first; the stop still sees to it that no attempt follows.
            RequestStop(running, TaskState.Stopped);
            return true;
        }

        task.NotifyEnded();
        return true;
    }

    /// <summary>A worker hands in a task that was asked to stop and did.</summary>
    internal void EndStopped(TaskContext context, AttemptState claim)
    {
        context.WaitUntilAsked();
        DispatchTask? ended;
        InterruptSafe.Enter(_lock);
        try
        {
            ended = EndAttempt(context, claim == AttemptState.TimingOut ? TaskState.TimedOut : TaskState.Stopped, error: null, Now());
            CallIdle();
        }
        finally
        {
            Leave();
        }

        ended?.NotifyEnded();
    }

    /// <summary>The limit of a task whose worker had to open its host first counts from when that is done.</summary>
    internal void StartLimit(TaskContext context)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            if (context.AwaitsHost && !context.IsStopRequested && context.Task.Limit is { } limit)
            {
                context.AwaitsHost = false;
                context.Task.StartedTimestamp = Now();
                SetDeadline(context, limit);
            }
        }
        finally
        {
            Leave();
        }
    }

    private void SetDeadline(TaskContext context, TimeSpan fromNow)
    {
        context.Deadline = Clock.Add(Now(), fromNow);
        SetAlarmBy(context.Deadline);
    }

    private void SetAlarmBy(long timestamp)
    {
        if (timestamp < _alarmAt && (_status != DispatcherStatus.Stopped || _pool.Exiting > 0))
        {
            _alarmAt = timestamp;
            InterruptSafe.Prepare(_alarm, timestamp);
        }
    }

    private void OnAlarm()
    {
        // A place for each before its deadline is taken away: where there is no memory, the alarm rings once more.
        var due = new List<TaskContext>();
        var overdue = new List<TaskContext>();
        Enter();
        try
        {
            long now = Now();
            _alarmAt = Clock.Never;
            foreach (Worker worker in _pool.Workers)
            {
                if (worker.Running is { } context && context.Deadline <= now)
                {
                    // Told apart here: a stop on request may claim one of those that are due before its turn comes, and
                    // its grace only begins then.
                    (context.IsInGrace ? overdue : due).Add(context);
                }
            }

            due.ForEach(s_clearDeadline);
            foreach (TaskContext context in overdue)
            {
                context.Deadline = context.IsForced || context.StopHandler is null ? Clock.Never : Clock.Add(now, s_forceLimit);
            }

            WorkOffTimes(now);
        }
        catch (OutOfMemoryException)
        {
            // What has its place is dealt with now. The rest comes with the next ring, a moment later.
            due.ForEach(s_clearDeadline);
            overdue.ForEach(s_clearDeadline);
            SetAlarmBy(Clock.Add(Now(), s_roomCheck));
        }
        finally
        {
            Leave();
        }

        // Where many are due at once: first the clocks of all, then the threads that asking and forcing start. Those want
        // the processor, and the last task would be late by all of them.
        int claimed = 0;
        for (int i = 0; i < due.Count; i++)
        {
            if (TryBeginStop(due[i], TaskState.TimedOut))
            {
                due[claimed++] = due[i];
            }
        }

        for (int i = 0; i < claimed; i++)
        {
            due[i].Ask();
        }

        foreach (TaskContext context in overdue)
        {
            if (context.IsForced)
            {
                context.StopHandler?.Abandon();
            }
        }

        Abandon(overdue, withHandler: false);
        foreach (TaskContext context in overdue)
        {
            context.IsForced = true;
            ForceStop(context);
        }
    }

    /// <summary>Does what else is due, and sets the alarm for what is to come.</summary>
    private void WorkOffTimes(long now)
    {
        while (IsWorking && _retries.TakeDue(now) is { } task)
        {
            Requeue(task);
        }

        _pool.AbandonExiting(now);
        ScaleDown(now);
        if (_growAt <= now)
        {
            _growAt = Clock.Never;
            _pool.IsHeldBack = false;
            if (IsWorking)
            {
                Grow(_pool.Min);
                GrowForQueue();
            }
        }

        SettleStatus();
        SetAlarm();
    }

    /// <summary>Sets the alarm for all that has a time.</summary>
    private void SetAlarm()
    {
        long next = Math.Min(_growAt, _pool.NextExit);
        foreach (Worker worker in _pool.Workers)
        {
            next = Math.Min(next, worker.Running?.Deadline ?? Clock.Never);
        }

        SetAlarmBy(Math.Min(next, Math.Min(_scaleDownAt, IsWorking ? _retries.NextDue : Clock.Never)));
    }

    private void ForceStop(TaskContext context)
    {
        // Without a thread to be had, it is done here: late for others, but done.
        if (context.StopHandler is { } handler && !TryStartForce(context, handler))
        {
            ForceAndAbandon(context, handler);
        }
    }

    private bool TryStartForce(TaskContext context, IStopHandler handler)
    {
        try
        {
            return BackgroundThread.TryStart("Dispatcher force", () => ForceAndAbandon(context, handler));
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private void RequestStop(TaskContext context, TaskState finalState)
    {
        if (TryBeginStop(context, finalState))
        {
            context.Ask();
        }
    }

    /// <summary>Claims a task for a stop, and starts its grace. Whoever gets <see langword="true"/> has to ask it.</summary>
    private bool TryBeginStop(TaskContext context, TaskState finalState)
    {
        if (!context.TryBeginStop(finalState))
        {
            return false;
        }

        InterruptSafe.Enter(_lock);
        try
        {
            context.IsInGrace = true;
            SetDeadline(context, _stopGrace);
        }
        finally
        {
            Leave();
        }

        return true;
    }

    private void ForceAndAbandon(TaskContext context, IStopHandler handler)
    {
        try
        {
            handler.Force();
        }
        catch (Exception)
        {
            // What cannot be ended by force is given up all the same.
        }

        try
        {
            Abandon([context]);
        }
        catch (OutOfMemoryException)
        {
            // The alarm tries again.
            Enter();
            SetDeadline(context, s_roomCheck);
            Leave();
        }
    }

    /// <summary>Gives workers up that did not stop in time, and puts fresh ones in their place.</summary>
    /// <param name="contexts">What they run. Those that are given up are taken out.</param>
    /// <param name="withHandler">
    /// Whether to give up those as well that have a handler, which ends them by force first, and whose time for that is not over.
    /// </param>
    private void Abandon(List<TaskContext> contexts, bool withHandler = true)
    {
        if (contexts.Count == 0)
        {
            return;
        }

        int given = 0;
        Enter();
        try
        {
            // To the front, without a list of their own: there may be no memory for one.
            for (int i = 0; i < contexts.Count; i++)
            {
                TaskContext context = contexts[i];
                if ((withHandler || context.IsForced || context.StopHandler is null) && context.TryAbandon())
                {
                    AbandonWorker(context);
                    (contexts[given], contexts[i]) = (context, contexts[given]);
                    given++;
                }
            }

            SettleStatus();
        }
        finally
        {
            Leave();
        }

        for (int i = 0; i < given; i++)
        {
            if (!contexts[i].Worker.IsCurrent)
            {
                contexts[i].Worker.ForceHostStop();
                contexts[i].Worker.Interrupt();
            }
        }

        for (int i = 0; i < given; i++)
        {
            if (contexts[i].HasEndedTask)
            {
                contexts[i].Task.NotifyEnded();
            }
        }

        contexts.RemoveRange(0, given);
    }

    private void AbandonWorker(TaskContext context)
    {
        int strength = _pool.Count;
        int lastNumber = _pool.LastNumber;
        _pool.Abandon(context.Worker);
        context.HasEndedTask = EndAttempt(context, context.StopState, error: null, Now()) is not null;
        if (IsWorking)
        {
            Grow(strength);
        }

        CallIdle();
        OnReplaced(context.Task, context.Worker, lastNumber);
        OnScaled();
    }
}
