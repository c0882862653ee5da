using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Decides how many workers there are: the pool grows when a ready task finds no idle one, and halves when workers have
/// been idle for long. Under the scheduler's lock, save where a method says otherwise.
/// </summary>
internal sealed class PoolScaler
{
    // How long after a thread could not be started the next try comes.
    private static readonly TimeSpan s_growthRetry = TimeSpan.FromSeconds(1);

    private readonly SchedulerState _state;
    private readonly Lifecycle _lifecycle;
    private readonly PendingTasks _pending;
    private readonly WaitingTakers _takers;
    private readonly WorkerPool _pool;
    private TimeSpan _interval;
    private long _scaleDownAt = Clock.Never;
    private long _growAt = Clock.Never;
    private int _toldCount;

    internal PoolScaler(SchedulerState state, WorkerPool pool, TimeSpan interval)
    {
        _state = state;
        _lifecycle = state.Lifecycle;
        _pending = state.Pending;
        _takers = state.Takers;
        _pool = pool;
        _interval = interval;
    }

    /// <summary>How long a worker must be idle before the pool halves.</summary>
    internal TimeSpan Interval
    {
        get => _interval;
        set
        {
            _interval = value;
            _scaleDownAt = Clock.Never;
            ScheduleScaleDown();
        }
    }

    /// <summary>The next time at which it has something to do.</summary>
    internal long NextDue => Math.Min(_scaleDownAt, _growAt);

    private bool IsWorking => _lifecycle.IsWorking;

    /// <summary>A task has become ready: wakes a worker for it, and has the pool grow if none has time.</summary>
    internal void OnReady()
    {
        WakeIdle();
        if (IsWorking)
        {
            _pool.GrowOnMiss(_pending.StartableCount);
            ReportGrowth();
            WatchGrowth();
        }
    }

    /// <summary>
    /// Wakes an idle worker, unless one is on its way: that one wakes the next, if there is still work for it. Woken for
    /// each task, workers would fall asleep again after each, which costs more than most small tasks.
    /// </summary>
    internal void WakeIdle()
    {
        if (_pending.StartableCount > 0 && IsWorking)
        {
            _pool.CallIdle();
            _takers.WakeNext();
        }

        if (_pending.Ready.HasNoted && IsWorking)
        {
            WakePinned();
        }
    }

    /// <summary>Has the pool grow to so many workers, where it may.</summary>
    internal void Grow(int count)
    {
        _pool.GrowTo(count);
        WatchGrowth();
    }

    /// <summary>Makes up for tasks that became ready while the pool could not grow.</summary>
    internal void GrowForReady()
    {
        int before = -1;
        while (IsWorking && _pool.Count != before)
        {
            before = _pool.Count;
            _pool.GrowOnMiss(_pending.StartableCount);
        }

        WatchGrowth();
        Report();
    }

    /// <summary>The bounds of the pool, or how much of it is blocked, have changed.</summary>
    internal void OnBoundsChanged()
    {
        _pool.ShrinkTo(_pool.Limit);
        Grow(_pool.Min);
        Report();
        GrowForReady();
        ScheduleScaleDown();
    }

    /// <summary>A worker has nothing to do from now on.</summary>
    internal void OnIdle(Worker worker)
    {
        _pool.AddIdle(worker);
        ScheduleScaleDown();
    }

    /// <summary>A worker has taken a task.</summary>
    internal void OnTaken()
    {
        if (_pool.IdleCount == 0)
        {
            _scaleDownAt = Clock.Never;
        }
    }

    /// <summary>A worker has left the pool out of turn: another takes its place.</summary>
    internal void Replace(int strength)
    {
        if (IsWorking)
        {
            Grow(strength);
        }

        WakeIdle();
    }

    /// <summary>Does what is due.</summary>
    internal void OnTick(long now)
    {
        _pool.AbandonExiting(now);
        ScaleDown(now);
        if (_growAt <= now)
        {
            _growAt = Clock.Never;
            _pool.IsHeldBack = false;
            if (IsWorking)
            {
                Grow(_pool.Min);
                GrowForReady();
            }
        }
    }

    /// <summary>The scheduler has stopped: nothing is due any more.</summary>
    internal void Reset()
    {
        _scaleDownAt = Clock.Never;
        _growAt = Clock.Never;
    }

    /// <summary>Tells observers the number of workers, where it has changed. Called after each step that may have done that.</summary>
    internal void Report()
    {
        Debug.Assert(Monitor.IsEntered(_state.Lock), "The scheduler's lock is not held.");
        int before = _toldCount;
        _toldCount = _pool.Count;
        if (before != _toldCount)
        {
            _state.Observers.OnScaled(before, _toldCount);
        }
    }

    /// <summary>Starts the threads of new workers. Under no lock.</summary>
    /// <returns><see langword="false"/> if there was no thread to be had, and workers have left the pool.</returns>
    internal bool TryStartWorkers()
    {
        while (_pool.HasUnstarted && TakeUnstarted() is { } worker)
        {
            if (!worker.TryStart())
            {
                OnStartFailed(worker);
                return false;
            }
        }

        return true;
    }

    /// <summary>Wakes a runner for each host that has got tasks of its own. That one wakes the next of the host, if there are more.</summary>
    private void WakePinned()
    {
        while (_pending.CanStart && _pending.Ready.TakeNoted() is { } host)
        {
            _takers.WakeOneOf(_pending.Runners.GetRunnersOn(host));
        }
    }

    private Worker? TakeUnstarted()
    {
        InterruptSafe.Enter(_state.Lock);
        try
        {
            Worker? worker = _pool.TakeUnstarted();
            if (worker is null && IsWorking)
            {
                // What one step adds is bounded, and there may be more to add.
                Grow(_pool.Min);
                ReportGrowth();
                worker = _pool.TakeUnstarted();
            }

            return worker;
        }
        finally
        {
            Monitor.Exit(_state.Lock);
        }
    }

    private void OnStartFailed(Worker worker)
    {
        InterruptSafe.Enter(_state.Lock);
        try
        {
            _pool.OnStartFailed(worker);
            WatchGrowth();
            Report();
        }
        finally
        {
            Monitor.Exit(_state.Lock);
        }
    }

    /// <summary>The same as <see cref="Report"/> for a step that only adds: one less than was told of is about to be replaced.</summary>
    private void ReportGrowth()
    {
        if (_pool.Count > _toldCount)
        {
            Report();
        }
    }

    /// <summary>Where the pool could not grow for want of memory, it tries again a moment later.</summary>
    private void WatchGrowth()
    {
        if (_pool.IsHeldBack && _growAt == Clock.Never && IsWorking)
        {
            _growAt = Clock.Add(_state.Now(), s_growthRetry);
            _state.Alarm.SetBy(_growAt);
        }
    }

    private void ScheduleScaleDown()
    {
        if (IsWorking && _scaleDownAt == Clock.Never && _pool.IdleCount > 0 && _pool.Count > _pool.Min)
        {
            _scaleDownAt = Clock.Add(_state.Now(), _interval);
            _state.Alarm.SetBy(_scaleDownAt);
        }
    }

    private void ScaleDown(long now)
    {
        if (IsWorking && _scaleDownAt <= now)
        {
            _scaleDownAt = Clock.Never;
            if (_pending.StartableCount == 0) // Otherwise the idle ones are about to take what is ready.
            {
                _pool.ShrinkTo(Math.Max(_pool.Min, _pool.Count / 2));
                Report();
            }

            ScheduleScaleDown();
        }
    }
}
