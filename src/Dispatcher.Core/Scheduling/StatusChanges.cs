using System;
using System.Threading;

namespace Dispatching;

/// <summary>Makes the changes of status that are due: a drain that has ended, a stop after which nothing runs. Under the scheduler's lock.</summary>
internal sealed class StatusChanges
{
    private readonly SchedulerState _state;
    private readonly WorkerPool _pool;
    private readonly PoolScaler _scaler;
    private readonly RunnerSetRuns? _runners;

    internal StatusChanges(SchedulerState state, WorkerPool pool, PoolScaler scaler, RunnerSetRuns? runners)
    {
        _state = state;
        _pool = pool;
        _scaler = scaler;
        _runners = runners;
    }

    /// <summary>When the ends of threads and sessions are waited for no longer.</summary>
    internal long NextExit => Math.Min(_pool.NextExit, _runners?.CloseDeadline ?? Clock.Never);

    /// <summary>Starts a run.</summary>
    /// <param name="stopped">See <see cref="Lifecycle.Run"/>.</param>
    internal void Run(ManualResetEventSlim stopped)
    {
        _state.Lifecycle.Run(stopped);
        _state.Alarm.Enable();
        _runners?.OnRun();
        _scaler.Grow(_pool.Min);
        _scaler.Report();
        _scaler.GrowForReady();
        _scaler.WakeIdle();
        _state.Alarm.SetBy(_state.Pending.NextDue);
    }

    /// <summary>From now on nothing starts. What runs goes on; what was sent comes back.</summary>
    internal void BeginStopping()
    {
        _state.Lifecycle.Set(DispatcherStatus.Stopping);
        _pool.Clear();
        _scaler.Report();
        _state.Pending.Runners.RecallAll();
        _state.Senders.Release(_state.Pending, isWorking: false);
    }

    /// <summary>See <see cref="Scheduler.Settle"/>.</summary>
    internal void Settle()
    {
        Lifecycle lifecycle = _state.Lifecycle;
        if (lifecycle.Status == DispatcherStatus.Draining && _state.Counts.AreAllEnded)
        {
            BeginStopping();
        }

        if (lifecycle.Status == DispatcherStatus.Stopping && _pool.Count == 0 && _state.Running.Count == 0 && _state.Pending.Runners.SentCount == 0)
        {
            lifecycle.Set(DispatcherStatus.Stopped);
            _scaler.Reset();
            _runners?.OnStopped();
            _state.Alarm.Reset(NextExit);
        }

        if (lifecycle.Status == DispatcherStatus.Stopped && _pool.Exiting == 0 && _runners?.IsClosed != false)
        {
            _state.Alarm.Reset(Clock.Never);
            InterruptSafe.Set(lifecycle.Stopped);
        }
    }

    /// <summary>Waits no longer for sessions that have not closed in time.</summary>
    internal void OnTick(long now) => _runners?.OnTick(now);
}
