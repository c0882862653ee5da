using System;
using System.Diagnostics;

namespace Dispatching;

/// <summary>Real time, from <see cref="Stopwatch"/>.</summary>
internal sealed class SystemClock : Clock
{
    private static readonly double s_ticksPerCount = (double)TimeSpan.TicksPerSecond / Stopwatch.Frequency;

    private readonly long _origin = Stopwatch.GetTimestamp();
#pragma warning disable RS0030 // The one place that may ask the wall clock.
    private readonly DateTimeOffset _originDate = DateTimeOffset.UtcNow;
#pragma warning restore RS0030

    public override long GetTimestamp() => (long)((Stopwatch.GetTimestamp() - _origin) * s_ticksPerCount);

    public override DateTimeOffset ToDateTime(long timestamp) => _originDate.AddTicks(timestamp).ToLocalTime();

    public override Alarm CreateAlarm(Action ring) => new ThreadAlarm(this, ring);
}
