using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <content>Behind the public members: how tasks are stopped, on request and at their limit, and the alarm that watches the limits.</content>
public sealed partial class Dispatcher
{
    internal bool StopTask(DispatchTask task)
    {
        TaskContext? running = null;
        lock (_gate)
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
    internal void EndStopped(TaskContext context, TaskClaim claim)
    {
        context.WaitUntilAsked();
        DispatchTask? ended;
        Uninterrupted.Enter(_gate);
        try
        {
            ended = EndAttempt(context, claim == TaskClaim.TimingOut ? TaskState.TimedOut : TaskState.Stopped, error: null, Now());
        }
        finally
        {
            Monitor.Exit(_gate);
        }

        ended?.NotifyEnded();
    }

    /// <summary>The limit of a task whose worker had to open its host first counts from when that is done.</summary>
    internal void StartLimit(TaskContext context)
    {
        Uninterrupted.Enter(_gate);
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
            Monitor.Exit(_gate);
        }
    }

    private void SetDeadline(TaskContext context, TimeSpan fromNow)
    {
        context.Deadline = Clock.Add(Now(), fromNow);
        SetAlarmBy(context.Deadline);
    }

    private void SetAlarmBy(long timestamp)
    {
        if (timestamp < _alarmAt && _status != DispatcherStatus.Stopped)
        {
            _alarmAt = timestamp;
            Uninterrupted.Set(_alarm, timestamp);
        }
    }

    private void OnAlarm()
    {
        List<TaskContext>? due = null;
        List<TaskContext>? overdue = null;
        lock (_gate)
        {
            long now = Now();
            long next = Clock.Never;
            _alarmAt = Clock.Never;
            foreach (Worker worker in _pool.Workers)
            {
                if (worker.Running is not { } context)
                {
                    continue;
                }

                if (context.Deadline <= now)
                {
                    // Told apart here: a stop on request may claim one of those that are due before its turn comes, and
                    // its grace only begins then.
                    context.Deadline = Clock.Never;
                    (context.IsInGrace ? overdue ??= [] : due ??= []).Add(context);
                }

                next = Math.Min(next, context.Deadline);
            }

            while (IsWorking && _retries.TakeDue(now) is { } task)
            {
                Requeue(task);
            }

            ScaleDown(now);
            SetAlarmBy(Math.Min(next, Math.Min(_scaleDownAt, IsWorking ? _retries.NextDue : Clock.Never)));
        }

        // Where many are due at once: first the clocks of all, then the threads that asking and forcing start. Those want
        // the processor, and the last task would be late by all of them.
        due?.FindAll(context => TryClaimStop(context, TaskState.TimedOut)).ForEach(context => context.Ask());
        if (overdue is not null)
        {
            Abandon(overdue.FindAll(context => context.StopHandler is null));
            overdue.ForEach(ForceStop);
        }
    }

    private void ForceStop(TaskContext context)
    {
        if (context.StopHandler is { } handler)
        {
            new Thread(() => ForceAndAbandon(context, handler)) { IsBackground = true, Name = "Dispatcher force" }.Start();
        }
    }

    private void RequestStop(TaskContext context, TaskState finalState)
    {
        if (TryClaimStop(context, finalState))
        {
            context.Ask();
        }
    }

    /// <summary>Claims a task for a stop, and starts its grace. Whoever gets <see langword="true"/> has to ask it.</summary>
    private bool TryClaimStop(TaskContext context, TaskState finalState)
    {
        if (!context.TryClaimStop(finalState))
        {
            return false;
        }

        Uninterrupted.Enter(_gate);
        try
        {
            context.IsInGrace = true;
            SetDeadline(context, _stopGrace);
        }
        catch (OutOfMemoryException)
        {
            // There was no room for the alarm's thread. The task is asked all the same, and the next alarm sees to its grace.
        }
        finally
        {
            Monitor.Exit(_gate);
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

        Abandon([context]);
    }

    /// <summary>Gives workers up that did not stop in time, and puts fresh ones in their place.</summary>
    private void Abandon(List<TaskContext> contexts)
    {
        List<TaskContext> abandoned = contexts.FindAll(context => context.TryAbandon());
        if (abandoned.Count == 0)
        {
            return;
        }

        var ended = new List<DispatchTask>();
        lock (_gate)
        {
            long now = Now();
            foreach (TaskContext context in abandoned)
            {
                int strength = _pool.Count;
                int lastNumber = _pool.LastNumber;
                _pool.Abandon(context.Worker);
                if (EndAttempt(context, context.StopState, error: null, now) is { } task)
                {
                    ended.Add(task);
                }

                if (IsWorking)
                {
                    _pool.GrowTo(strength);
                }

                OnReplaced(context.Task, context.Worker, lastNumber);
                OnScaled();
            }

            SettleStatus();
        }

        foreach (TaskContext context in abandoned)
        {
            context.Worker.ForceHostStop();
            context.Worker.Interrupt();
        }

        ended.ForEach(task => task.NotifyEnded());
    }
}
