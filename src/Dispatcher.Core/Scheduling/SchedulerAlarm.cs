using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>The one alarm of a scheduler, set to the first of all times at which it has something to do. The scheduler's lock guards it.</summary>
internal sealed class SchedulerAlarm
{
    private readonly object _lock;
    private readonly Alarm _alarm;
    private long _due = Clock.Never;

    internal SchedulerAlarm(object schedulerLock, Clock clock, Action ring)
    {
        _lock = schedulerLock;
        _alarm = clock.CreateAlarm(ring);
    }

    /// <summary>Whether it rings at all: not while the scheduler has stopped and none of its threads is left.</summary>
    internal bool IsEnabled { get; private set; }

    /// <summary>Has it ring at this time at the latest.</summary>
    internal void SetBy(long timestamp)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (timestamp < _due && IsEnabled)
        {
            Set(timestamp);
        }
    }

    internal void Enable() => IsEnabled = true;

    /// <summary>Turns it off, or has it ring at one time only.</summary>
    internal void Reset(long timestamp)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        IsEnabled = timestamp != Clock.Never;
        if (timestamp != _due)
        {
            Set(timestamp);
        }
    }

    /// <summary>It has rung, and is not set any more.</summary>
    internal void OnRing() => _due = Clock.Never;

    /// <summary>Starts its thread, if it is needed and not there. Under no lock.</summary>
    internal void StartThread() => _alarm.Start();

    private void Set(long timestamp)
    {
        _due = timestamp;
        InterruptSafe.Prepare(_alarm, timestamp);
    }
}
