using System;
using System.Collections.Generic;
using System.Linq;

namespace Dispatching.Tests.Support;

/// <summary>Time that passes only when a test says so. Due alarms ring on the thread that advances it.</summary>
internal sealed class FakeClock : Clock
{
    private readonly object _gate = new();
    private readonly object _ringing = new();
    private readonly List<FakeAlarm> _alarms = [];
    private long _now = TimeSpan.TicksPerHour;

    internal static DateTimeOffset Origin { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override DateTimeOffset ToDateTime(long timestamp) => Origin.AddTicks(timestamp);

    public override Alarm CreateAlarm(Action ring)
    {
        var alarm = new FakeAlarm(this, ring);
        lock (_gate)
        {
            _alarms.Add(alarm);
        }

        return alarm;
    }

    internal void AdvanceSeconds(double seconds) => Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time pass, and rings what falls due on the way, each at its own time.</summary>
    internal void Advance(TimeSpan duration)
    {
        lock (_ringing)
        {
            long target = GetTimestamp() + duration.Ticks;
            while (TakeDue(target) is { } alarm)
            {
                alarm.Ring();
            }
        }
    }

    private FakeAlarm? TakeDue(long target)
    {
        lock (_gate)
        {
            FakeAlarm? first = _alarms.Where(alarm => alarm.Due <= target).MinBy(alarm => alarm.Due);
            _now = Math.Max(_now, first is null ? target : first.Due);
            if (first is not null)
            {
                first.Due = Never;
            }

            return first;
        }
    }

    private sealed class FakeAlarm(FakeClock clock, Action ring) : Alarm
    {
        internal long Due { get; set; } = Never;

        internal Action Ring => ring;

        public override void Set(long timestamp)
        {
            lock (clock._gate)
            {
                Due = timestamp;
            }
        }
    }
}
