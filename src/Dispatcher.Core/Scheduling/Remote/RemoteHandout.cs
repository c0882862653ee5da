using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Takes from runners what becomes of the tasks that they have claimed ahead (<see cref="ClaimHandout"/>) and sent elsewhere. A sent task is pending: it has its attempt when the far end says that it has started it. Safe to use from any thread.
/// </summary>
internal sealed class RemoteHandout
{
    /// <summary>How often a task runs again whose host was lost.</summary>
    internal const int MaxRequeues = 2;

    // After so many losses before it had started, a task counts as one that ran.
    private const int MaxUnstartedLosses = 2;

    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly PendingTasks _pending;
    private readonly RemoteRunners _runners;
    private readonly TaskHandout _handout;
    private readonly AttemptStart _starts;
    private readonly AttemptEnd _ends;
    private readonly StopEscalation _stops;

    internal RemoteHandout(Scheduler scheduler, SchedulerState state, TaskHandout handout, AttemptEnd ends, StopEscalation stops)
    {
        _scheduler = scheduler;
        _state = state;
        _pending = state.Pending;
        _runners = state.Pending.Runners;
        _handout = handout;
        _starts = handout.Starts;
        _ends = ends;
        _stops = stops;
        Claims = new ClaimHandout(scheduler, state, handout);
    }

    /// <summary>Who hands out tasks that are to be sent.</summary>
    internal ClaimHandout Claims { get; }

    /// <summary>The far end has started a task, or is about to: its attempt begins, and its timeout.</summary>
    /// <returns><see langword="null"/> when the task is not this runner's any more. The far end is to stop it, and nothing of it counts.</returns>
    internal TaskContext? Start(TaskRunner runner, DispatchTask task)
    {
        long now = _state.Now();
        var attempt = new TaskContext(runner);
        bool isStopAsked;
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (!IsSentTo(runner, task))
            {
                return null;
            }

            _state.Running.Register(runner);
            task.PendingSet!.Remove(task); // It is in one.
            _starts.StartSent(task, attempt, now);

            // A worker that was abandoned takes with it what it has begun meanwhile.
            isStopAsked = task.IsLastAttempt || !runner.HoldsPlace;
        }
        finally
        {
            _scheduler.Leave(ref after);
        }

        if (isStopAsked)
        {
            _stops.RequestStop(attempt, TaskState.Stopped);
        }

        return attempt;
    }

    /// <summary>The far end gives back a task that it has not started, or can no longer start one: as if it had never been claimed.</summary>
    internal void Return(TaskRunner runner, DispatchTask task)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (IsSentTo(runner, task))
            {
                task.PendingSet!.Remove(task); // It is in one.
                TakeBack(task, ref after);
                OnTakenBack();
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>The session of a runner is closed, or was lost: what it has not started is returned, and it gets nothing more. What it runs is to be ended one by one.</summary>
    internal void Leave(TaskRunner runner)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            TakeBackAll(runner, ref after);
            _runners.Remove(runner);
            if (runner is RemoteRunner remote)
            {
                _pending.Ready.Note(remote.HostName);
                _state.Takers.Remove(remote);
            }

            _state.Running.Unregister(runner);
            OnTakenBack();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>Takes back all that a runner has claimed and not started.</summary>
    internal void ReturnAll(TaskRunner runner)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (runner.Sent is { Count: > 0 })
            {
                TakeBackAll(runner, ref after);
                OnTakenBack();
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>Ends the pending tasks that only one host may run, unless a runner is there that does.</summary>
    /// <param name="hostName">The host.</param>
    /// <param name="reason">Their error.</param>
    internal void StopPinned(string hostName, Exception reason)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            var pinned = new List<DispatchTask>();
            if (_runners.GetRunnersOn(hostName).Count == 0)
            {
                _pending.CopyTo(pinned);
            }

            foreach (DispatchTask task in pinned)
            {
                // One that another had depended on may have ended with that.
                if (task.State == TaskState.Pending && string.Equals(task.Options.HostName, hostName, StringComparison.OrdinalIgnoreCase))
                {
                    _pending.Remove(task);
                    _ends.EndPending(task, _state.Now(), ref after, reason);
                }
            }

            _state.Senders.Release(_pending, _state.Lifecycle.IsWorking);
            _scheduler.Settle();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>The host of a task was lost at the moment when it was to begin. Counts that.</summary>
    /// <returns>Whether that happens to this task so often that it is to blame.</returns>
    internal bool IsLostTooOften(TaskRunner runner, DispatchTask task)
    {
        lock (_state.Lock)
        {
            return IsSentTo(runner, task) && ++task.Conditions!.UnstartedLossCount > MaxUnstartedLosses; // A sent task has them.
        }
    }

    /// <summary>Reports how an attempt has ended. One that was abandoned meanwhile has ended already.</summary>
    internal void Complete(TaskContext attempt, Exception? error) => _handout.Complete(attempt, error);

    /// <summary>
    /// Reports an attempt whose host was lost: its task runs again, whatever it says of retries, and fails by the reason when
    /// that has happened too often.
    /// </summary>
    internal void Requeue(TaskContext attempt, Exception reason)
    {
        if (attempt.Task.RequeueCount >= MaxRequeues)
        {
            Complete(attempt, reason);
            return;
        }

        AttemptState state = attempt.End();
        if (state is AttemptState.TimingOut or AttemptState.Stopping)
        {
            _handout.CompleteStopped(attempt, state);
        }
        else if (state == AttemptState.Running)
        {
            AfterLock after = default;
            _scheduler.Enter();
            try
            {
                _ends.Requeue(attempt, reason, _state.Now(), ref after);
                OnTakenBack();
            }
            finally
            {
                _scheduler.Leave(ref after);
            }
        }
    }

    /// <summary>Recalls all tasks that are sent, where that is due. Under no lock.</summary>
    internal void RecallDue()
    {
        if (!_runners.IsRecallDue)
        {
            return;
        }

        var recalls = new List<(TaskRunner Runner, DispatchTask Task)>();
        InterruptSafe.Enter(_state.Lock);
        try
        {
            _runners.TakeRecalls(recalls);
        }
        finally
        {
            Monitor.Exit(_state.Lock);
        }

        recalls.ForEach(recall => recall.Runner.Recall(recall.Task));
    }

    /// <summary>After a suspension: waits until what was sent and not started is back, or has started. Ends when work is resumed.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    internal void WaitUntilRecalled(CancellationToken cancellationToken)
    {
        ManualResetEventSlim? recalled;
        lock (_state.Lock)
        {
            recalled = _pending.IsSuspended ? _runners.GetRecalled() : null;
        }

        recalled?.Wait(cancellationToken);
    }

    private static bool IsSentTo(TaskRunner runner, DispatchTask task) => runner.Sent is { } sent && ReferenceEquals(task.PendingSet, sent);

    private void TakeBackAll(TaskRunner runner, ref AfterLock after)
    {
        while (runner.Sent?.TakeAny() is { } task)
        {
            TakeBack(task, ref after);
        }
    }

    /// <summary>A task that was sent, and is in no set any more, is where it was before; or it has been asked to stop, and ends.</summary>
    private void TakeBack(DispatchTask task, ref AfterLock after)
    {
        if (task.IsLastAttempt || _state.Failures.IsHalted)
        {
            if (_state.Failures.HaltReason is { } reason)
            {
                reason.StoppedCount++;
            }

            _pending.RemoveSent(task);
            _ends.EndPending(task, _state.Now(), ref after);
        }
        else
        {
            _pending.Return(task);
        }
    }

    private void OnTakenBack()
    {
        _state.Senders.Release(_pending, _state.Lifecycle.IsWorking);
        _handout.Scaler.OnReady();
        _state.Alarm.SetBy(_pending.NextDue);
        _scheduler.Settle();
    }
}
