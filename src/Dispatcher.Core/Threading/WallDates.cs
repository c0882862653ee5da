using System;
using System.Threading;

namespace Dispatching;

/// <summary>
/// What the wall clock showed at a timestamp. The two drift apart when the machine is suspended, which some systems do not
/// count as time, and when somebody sets the clock: the dates before that stay as they were. Safe to use from any thread.
/// </summary>
internal sealed class WallDates
{
    // A sample costs some 50 ns. Only what happens in the interval in which the clock jumps may get the date from before it.
    private const long SampleInterval = 15 * TimeSpan.TicksPerMillisecond;

    // Less is the noise of two clocks, or what the system slews.
    private const long Tolerance = 100 * TimeSpan.TicksPerMillisecond;

    // A thread that was held up between the two clocks has not seen the same moment in both.
    private const long LongestSample = 5 * TimeSpan.TicksPerMillisecond;

    private readonly Func<long> _ticks;
    private readonly Func<DateTimeOffset> _date;
    private Span[] _spans;
    private long _sampledAt;

    internal WallDates(Func<long> ticks, Func<DateTimeOffset> date)
    {
        _ticks = ticks;
        _date = date;
        _sampledAt = ticks();
        _spans = [new Span(long.MinValue, date().AddTicks(-_sampledAt))];
    }

    /// <summary>Time has come to here: samples the wall clock, if the last sample is long enough ago.</summary>
    internal void Follow(long now)
    {
        long sampledAt = Volatile.Read(ref _sampledAt);
        if (now - sampledAt > SampleInterval && Interlocked.CompareExchange(ref _sampledAt, now, sampledAt) == sampledAt)
        {
            Sample(sampledAt + SampleInterval);
        }
    }

    /// <summary>The date at a timestamp.</summary>
    internal DateTimeOffset At(long timestamp)
    {
        Span[] spans = Volatile.Read(ref _spans);
        int index = spans.Length - 1;
        while (spans[index].From > timestamp)
        {
            index--;
        }

        return spans[index].Origin.AddTicks(timestamp);
    }

    private void Sample(long from)
    {
        long before = _ticks();
        DateTimeOffset date = _date();
        if (_ticks() - before > LongestSample)
        {
            return;
        }

        Span[] spans = Volatile.Read(ref _spans);
        DateTimeOffset origin = date.AddTicks(-before);
        if (Math.Abs((origin - spans[spans.Length - 1].Origin).Ticks) > Tolerance)
        {
            try
            {
                Interlocked.CompareExchange(ref _spans, [.. spans, new Span(from, origin)], spans);
            }
            catch (OutOfMemoryException)
            {
                // The next sample tries again.
            }
        }
    }

    /// <summary>From this timestamp on, the wall clock showed that much more.</summary>
    private sealed class Span(long from, DateTimeOffset origin)
    {
        internal long From { get; } = from;

        internal DateTimeOffset Origin { get; } = origin;
    }
}
