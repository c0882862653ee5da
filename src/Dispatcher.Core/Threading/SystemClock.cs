using System;
using System.Diagnostics;

namespace Dispatching;

/// <summary>Real time, from <see cref="Stopwatch"/>; and what the wall clock showed at each moment of it.</summary>
internal sealed class SystemClock : Clock
{
    private static readonly double s_ticksPerCount = (double)TimeSpan.TicksPerSecond / Stopwatch.Frequency;

    private readonly Func<long> _count;
    private readonly WallDates _dates;
    private readonly long _origin;

#pragma warning disable RS0030 // The one place that may ask the wall clock.
    internal SystemClock()
        : this(Stopwatch.GetTimestamp, () => DateTimeOffset.UtcNow)
    {
    }
#pragma warning restore RS0030

    /// <param name="count">A counter as <see cref="Stopwatch.GetTimestamp"/> is, which may stand still while the machine is suspended.</param>
    /// <param name="date">The wall clock.</param>
    internal SystemClock(Func<long> count, Func<DateTimeOffset> date)
    {
        _count = count;
        _origin = count();
        _dates = new WallDates(ReadTicks, date);
    }

    public override long GetTimestamp()
    {
        long now = ReadTicks();
        _dates.Follow(now);
        return now;
    }

    public override DateTimeOffset ToDateTime(long timestamp) => _dates.At(timestamp).ToLocalTime();

    public override Alarm CreateAlarm(Action ring) => new ThreadAlarm(this, ring);

    private long ReadTicks() => (long)((_count() - _origin) * s_ticksPerCount);
}
