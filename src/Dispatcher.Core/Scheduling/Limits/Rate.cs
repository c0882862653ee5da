using System;
using System.Globalization;

namespace Dispatching;

/// <summary>How many tasks may start in a period: in no period of that length do more.</summary>
public sealed class Rate
{
    /// <summary>The largest <see cref="Count"/>: the times of so many starts are kept.</summary>
    public const int MaxCount = 1_000_000;

    /// <summary>Creates a rate.</summary>
    /// <param name="count">How many starts: 1 to <see cref="MaxCount"/>.</param>
    /// <param name="period">In which time: more than zero, 366 days at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public Rate(int count, TimeSpan period)
    {
        Count = Require.AtLeast(count, 1, nameof(count));
        if (count > MaxCount)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "A rate has at most " + MaxCount.ToString("N0", CultureInfo.InvariantCulture) + " starts in its period. Give fewer, in a shorter period.");
        }

        if (period <= TimeSpan.Zero || period > TimeSpan.FromDays(366))
        {
            throw new ArgumentOutOfRangeException(nameof(period), period, "The period of a rate is more than zero, and 366 days at most.");
        }

        Period = period;
    }

    /// <summary>How many tasks may start in the period.</summary>
    public int Count { get; }

    /// <summary>The period.</summary>
    public TimeSpan Period { get; }

    /// <summary>The rate as text, such as 50/s or 1/00:00:02.</summary>
    public override string ToString() => Count.ToString(CultureInfo.InvariantCulture) + "/" + (
        Period == TimeSpan.FromSeconds(1) ? "s"
        : Period == TimeSpan.FromMinutes(1) ? "min"
        : Period == TimeSpan.FromHours(1) ? "h"
        : Period == TimeSpan.FromDays(1) ? "d"
        : Period.TotalSeconds.ToString("0.#######", CultureInfo.InvariantCulture) + "s");
}
