using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Hands ready tasks out to those who run them, and takes back what became of each: by the attempt, whoever ran it. A worker
/// does both in one section under the lock; another runner takes several at once. Safe to use from any thread.
/// </summary>
internal sealed class TaskHandout : IWorkerScheduler
{
    // Beyond the 12 s that a clean-up script has: a worker that has not ended by then is not waited for.
    private static readonly TimeSpan s_exitTimeout = TimeSpan.FromSeconds(15);

    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly Lifecycle _lifecycle;
    private readonly PendingTasks _pending;
    private readonly RunningAttempts _running;
    private readonly SpaceWaiters _senders;
    private readonly SchedulerObservers _observers;
    private readonly SchedulerAlarm _alarm;
    private readonly AttemptEnd _ends;
    private readonly Func<IWorkerHost>? _createHost;

    internal TaskHandout(Scheduler scheduler, SchedulerState state, AttemptEnd ends, DispatcherOptions options)
    {
        _scheduler = scheduler;
        _state = state;
        _lifecycle = state.Lifecycle;
        _pending = state.Pending;
        _running = state.Running;
        _senders = state.Senders;
        _observers = state.Observers;
        _alarm = state.Alarm;
        _ends = ends;
        Starts = new AttemptStart(scheduler, state);
        MaxTasksPerWorker = options.MaxTasksPerWorker;
        _createHost = options.CreateWorkerHost;
        Pool = new WorkerPool(scheduler, this, state.Lock, options.HasNoWorkers ? 0 : options.MinWorkers, options.HasNoWorkers ? 0 : options.MaxWorkers);
        Scaler = new PoolScaler(state, Pool, options.ScaleDownInterval);
    }

    internal WorkerPool Pool { get; }

    internal PoolScaler Scaler { get; }

    internal AttemptStart Starts { get; }

    /// <summary>After so many tasks, another worker takes the place of one.</summary>
    internal int MaxTasksPerWorker { get; }

    /// <inheritdoc/>
    public IWorkerHost CreateHost() => _createHost?.Invoke()
        ?? throw new InvalidOperationException("The task runs only inside a worker host, and dispatcher '" + _scheduler.Name + "' makes none.");

    /// <inheritdoc/>
    public bool CompleteAndTakeNext(Worker worker, TaskContext? finished, Exception? error, out TaskContext? next)
    {
        long now = _state.Now();
        worker.PrepareContext();
        finished?.ReserveForHeld();
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            Pool.Arrived(worker);
            if (finished is not null)
            {
                _ends.EndAttempt(finished, error is null ? TaskState.Completed : TaskState.Failed, error, now, ref after);
            }

            return TryTakeNext(worker, now, out next);
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <inheritdoc/>
    public Exception? Record(TaskContext attempt)
    {
        if (attempt.Task.Conditions?.Journal is not { } journaled || attempt.HasLostRecord)
        {
            return null;
        }

        Exception? error = journaled.Record(attempt);
        if (error is not null)
        {
            // Nothing more is to run that could not be recorded.
            _scheduler.Starts.Halt(
                new DispatcherHaltedException("Dispatcher '" + _scheduler.Name + "' has halted, since its journal cannot be written. " + error.Message), FailureAction.StopPending);
        }

        return error;
    }

    /// <inheritdoc/>
    public void CompleteStopped(TaskContext attempt, AttemptState state)
    {
        attempt.WaitUntilAsked();
        attempt.ReserveForHeld();
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            TaskState final = state == AttemptState.TimingOut ? TaskState.TimedOut : TaskState.Stopped;
            _ends.EndAttempt(attempt, final, error: null, _state.Now(), ref after);
            Scaler.WakeIdle();
            _scheduler.Settle();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <inheritdoc/>
    public void CompleteBroken(Worker worker, Exception error)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (worker.FirstRunning is { } attempt && attempt.End() != AttemptState.Abandoned)
            {
                TaskState state = attempt.IsInGrace ? attempt.FinalState : TaskState.Failed;
                _ends.EndAttempt(attempt, state, attempt.IsInGrace ? null : error, _state.Now(), ref after);
            }

            if (worker.IsInPool)
            {
                int strength = Pool.Count;
                Pool.Release(worker);
                Scaler.Replace(strength);
                Scaler.Report();
            }

            _scheduler.Settle();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>Hands out ready tasks to a runner that runs several at once. Where there are fewer, it is woken when there is one more.</summary>
    /// <param name="runner">Who runs them, and reports each by <see cref="Complete"/>.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="attempts">Gets one attempt for each.</param>
    internal void Take(TaskRunner runner, int max, List<TaskContext> attempts)
    {
        long now = _state.Now();
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            int left = max;
            _pending.Rate.Update(now);
            while (left > 0 && _lifecycle.IsWorking && _pending.StartableCount > 0)
            {
                // What needs memory comes before the task is taken.
                var attempt = new TaskContext(runner);
                _running.Register(runner);
                attempts.Add(attempt);
                if (_pending.TakeNext() is not { } task)
                {
                    // What was in the overflow has to wait for its groups.
                    attempts.RemoveAt(attempts.Count - 1);
                    break;
                }

                Starts.Start(task, attempt, now);
                left--;
            }

            OnHandedOut(left > 0 ? runner : null);
            Scaler.WakeIdle();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>Tasks were handed out to a runner that takes several. Under the scheduler's lock.</summary>
    /// <param name="unserved">The runner, where it wanted more.</param>
    internal void OnHandedOut(TaskRunner? unserved)
    {
        if (unserved is not null)
        {
            _state.Takers.Add(unserved);
        }

        _senders.Release(_pending, _lifecycle.IsWorking);
    }

    /// <summary>Reports an attempt that <see cref="Take"/> handed out. One that was abandoned meanwhile has ended already.</summary>
    internal void Complete(TaskContext attempt, Exception? error)
    {
        error = error is null ? null : RetryPolicy.Judge(attempt, error);
        if (error is null)
        {
            attempt.Task.Conditions?.Journal?.CompleteOutput();
        }

        AttemptState state = attempt.End();
        attempt.ReserveForHeld();
        if (state is AttemptState.TimingOut or AttemptState.Stopping)
        {
            CompleteStopped(attempt, state);
        }
        else if (state == AttemptState.Running)
        {
            CompleteRunning(attempt, error ?? Record(attempt));
        }
    }

    /// <inheritdoc/>
    public void StartTimeout(TaskContext attempt)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (attempt.AwaitsHost && !attempt.IsStopRequested && attempt.Task.StartedTimeout is { } timeout)
            {
                attempt.AwaitsHost = false;
                attempt.Task.StartedTimestamp = _state.Now();
                _ends.CloseStart(attempt, attempt.Task.StartedTimestamp);
                _scheduler.SetDeadline(attempt, timeout);
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <inheritdoc/>
    public void AbandonCurrent(TaskContext attempt) => _scheduler.AbandonCurrent(attempt);

    /// <inheritdoc/>
    public ITaskClaims GetClaims(Worker worker) => new TaskClaims(_scheduler.Remote, worker);

    /// <inheritdoc/>
    public void OnExited(Worker worker)
    {
        _scheduler.Remote.Leave(worker);
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            Pool.Exited(worker);
            _running.Unregister(worker);
            _scheduler.Settle();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <inheritdoc/>
    public long GetExitDeadline()
    {
        long deadline = Clock.Add(_state.Now(), s_exitTimeout);
        _alarm.SetBy(deadline);
        return deadline;
    }

    /// <summary>Abandons the runner of an attempt that did not stop in time, and ends the attempt. Under the scheduler's lock.</summary>
    internal void Abandon(TaskContext attempt, ref AfterLock after)
    {
        int strength = Pool.Count;
        int lastNumber = Pool.LastNumber;
        if (attempt.Runner is Worker worker)
        {
            Pool.Abandon(worker);
        }

        _ends.EndAttempt(attempt, attempt.FinalState, error: null, _state.Now(), ref after);
        after.AddAbandoned(attempt);
        Scaler.Replace(strength);
        _observers.OnWorkerReplaced(attempt.Task, attempt.Runner.Number, Pool.LastNumber > lastNumber ? Pool.LastNumber : null);
        Scaler.Report();
    }

    private void CompleteRunning(TaskContext attempt, Exception? error)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            _ends.EndAttempt(attempt, error is null ? TaskState.Completed : TaskState.Failed, error, _state.Now(), ref after);
            Scaler.WakeIdle();
            _scheduler.Settle();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    private bool TryTakeNext(Worker worker, long now, out TaskContext? next)
    {
        next = null;
        bool isWornOut = worker.IsSpoiled || worker.StartedCount >= MaxTasksPerWorker;
        if (worker.IsInPool && (isWornOut || Pool.IsOverfull || _lifecycle.Status == DispatcherStatus.Stopping))
        {
            Pool.Release(worker);
            if (isWornOut && _lifecycle.IsWorking)
            {
                Scaler.Grow(_pending.StartableCount > 0 ? Pool.Count + 1 : Pool.Min);
            }

            Scaler.Report();
        }

        _scheduler.Settle();
        if (!worker.IsInPool)
        {
            Scaler.WakeIdle();
            return true;
        }

        _running.Register(worker);
        _pending.Rate.Update(now);
        if (_pending.TakeNext() is not { } task)
        {
            Scaler.WakeIdle(); // What has ended may let a task start that is pinned elsewhere.
            Scaler.OnIdle(worker);
            return false;
        }

        Scaler.OnTaken();
        _senders.Release(_pending, _lifecycle.IsWorking);
        Scaler.WakeIdle();
        next = worker.TakeContext();
        Starts.Start(task, next, now);
        return true;
    }
}
