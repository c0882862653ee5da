using System.Threading;

namespace Dispatching;

/// <summary>
/// Lets others run while a task waits for its own scheduler: there may be one worker more, and another task of its group.
/// Safe to use from any thread.
/// </summary>
internal sealed class BlockedPlaces
{
    private readonly SchedulerState _state;
    private readonly WorkerPool _pool;
    private readonly PoolScaler _scaler;

    internal BlockedPlaces(SchedulerState state, WorkerPool pool, PoolScaler scaler)
    {
        _state = state;
        _pool = pool;
        _scaler = scaler;
    }

    /// <summary>See <see cref="ITaskOwner.Block"/>.</summary>
    internal void Block(TaskRunner runner)
    {
        InterruptSafe.Enter(_state.Lock);
        try
        {
            _pool.Block((Worker)runner);
            if (runner.FirstRunning is { Task.Conditions: not null } attempt)
            {
                _state.Pending.Groups.OnBlocked(attempt);
                _scaler.WakeIdle();
                _state.WatchRate();
            }

            _scaler.GrowForReady();
        }
        finally
        {
            Monitor.Exit(_state.Lock);
        }
    }

    /// <summary>See <see cref="ITaskOwner.Unblock"/>.</summary>
    internal void Unblock(TaskRunner runner)
    {
        InterruptSafe.Enter(_state.Lock);
        try
        {
            var worker = (Worker)runner;
            _pool.Unblock(worker);
            if (worker.BlockedCount == 0 && runner.FirstRunning is { Task.Conditions: not null } attempt)
            {
                GroupLimits.OnUnblocked(attempt);
            }

            if (_pool.IsOverfull)
            {
                _pool.ShrinkTo(_pool.Limit);
                _scaler.Report();
            }
        }
        finally
        {
            Monitor.Exit(_state.Lock);
        }
    }
}
