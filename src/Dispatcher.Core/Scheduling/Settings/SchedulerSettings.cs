using System;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <summary>What can be read of a scheduler, and changed, while it runs. Safe to use from any thread.</summary>
internal sealed class SchedulerSettings
{
    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly WorkerPool _pool;
    private readonly PoolScaler _scaler;
    private readonly IRunnerSet? _runners;
    private readonly bool _hasNoWorkers;
    private TimeSpan _taskTimeout;
    private TimeSpan _stopGrace;

    internal SchedulerSettings(Scheduler scheduler, SchedulerState state, WorkerPool pool, PoolScaler scaler, DispatcherOptions options)
    {
        _scheduler = scheduler;
        _state = state;
        _pool = pool;
        _scaler = scaler;
        _runners = options.Runners;
        _hasNoWorkers = options.HasNoWorkers;
        _taskTimeout = options.TaskTimeout;
        _stopGrace = options.StopGrace;
    }

    internal DispatcherStatus Status => Read(() => _state.Lifecycle.Status);

    internal bool IsClosed => Read(() => _state.Lifecycle.IsClosed);

    internal int MinWorkers => Read(() => _pool.Min);

    // What a runner set says of its lanes is asked for under no lock.
    internal int MaxWorkers => _runners?.MaxLanes ?? Read(() => _pool.Max);

    internal int WorkerCount => _runners?.OpenLanes ?? Read(() => _pool.Count);

    internal int IdleWorkerCount => _runners is { } runners
        ? Math.Max(0, runners.OpenLanes - Read(() => _state.Running.Count))
        : Read(() => Math.Max(0, _pool.IdleCount - _state.Pending.StartableCount));

    internal DispatcherStatistics Statistics => Read(_state.Counts.ToStatistics);

    internal int QueueSize
    {
        get => Read(() => _state.Pending.Bound);
        set => Change(() =>
        {
            _state.Pending.Bound = value;
            _state.Senders.Release(_state.Pending, _state.Lifecycle.IsWorking);
        });
    }

    /// <summary>The timeout of tasks that set none. Under the scheduler's lock.</summary>
    internal TimeSpan DefaultTimeout => _taskTimeout;

    internal TimeSpan TaskTimeout
    {
        get => Read(() => _taskTimeout);
        set => Change(() => _taskTimeout = value);
    }

    internal TimeSpan StopGrace
    {
        get => Read(() => _stopGrace);
        set => Change(() => _stopGrace = value);
    }

    internal TimeSpan ScaleDownInterval
    {
        get => Read(() => _scaler.Interval);
        set => Change(() => _scaler.Interval = value);
    }

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is less than <paramref name="min"/>.</exception>
    internal static void CheckWorkers(int min, int max)
    {
        if (max < min)
        {
            throw new ArgumentOutOfRangeException(nameof(max), max, string.Format(
                CultureInfo.InvariantCulture, "MaxWorkers must be at least MinWorkers, which is {0}.", min));
        }
    }

    /// <exception cref="InvalidOperationException">There are none, since the tasks run elsewhere.</exception>
    internal void SetWorkers(int min, int max) => Change(() =>
    {
        if (_hasNoWorkers && _runners is not null)
        {
            throw new InvalidOperationException("The tasks of dispatcher '" + _scheduler.Name + "' run elsewhere; it has no workers of its own to change.");
        }

        _pool.Min = min;
        _pool.Max = max;
        if (_state.Lifecycle.IsWorking)
        {
            _scaler.OnBoundsChanged();
        }
    });

    private T Read<T>(Func<T> read)
    {
        lock (_state.Lock)
        {
            return read();
        }
    }

    private void Change(Action change)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            change();
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }
}
