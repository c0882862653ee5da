using System;

namespace Dispatching;

/// <summary>
/// Where a dispatcher takes its time from. <see cref="System"/> is real time; a test puts a clock of its own in its
/// place, so that nothing has to sleep. All members are safe to call from any thread.
/// </summary>
public abstract class Clock
{
    /// <summary>The timestamp that never comes: an alarm set to it is off.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Real time: monotonic, and not moved by changes of the wall clock.</summary>
    public static Clock System { get; } = new SystemClock();

    /// <summary>Returns the time since some fixed moment, in ticks of 100 ns. It never goes back.</summary>
    public abstract long GetTimestamp();

    /// <summary>Returns the date and time at which <see cref="GetTimestamp"/> gave this value.</summary>
    public abstract DateTimeOffset ToDateTime(long timestamp);

    /// <summary>Creates an alarm, not set.</summary>
    /// <param name="ring">Called when the set time has come, never by two threads at once. It must not block.</param>
    public abstract Alarm CreateAlarm(Action ring);

    /// <summary>Returns the timestamp that lies this long after another, or <see cref="Never"/>.</summary>
    internal static long Add(long timestamp, TimeSpan duration) =>
        duration < TimeSpan.Zero || duration.Ticks >= Never - timestamp ? Never : timestamp + duration.Ticks;
}
