using System;
using System.Globalization;

namespace Dispatching;

/// <summary>How many failures a dispatcher takes before it halts.</summary>
public sealed class FailureLimit
{
    /// <summary>A percentage counts once so many tasks have ended.</summary>
    public const int LeastEnded = 20;

    private readonly long _count;
    private readonly double _percentage;

    private FailureLimit(long count, double percentage)
    {
        _count = count;
        _percentage = percentage;
    }

    /// <summary>Halts at the n-th failure.</summary>
    /// <param name="count">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public static FailureLimit OfCount(int count) => new(Require.AtLeast(count, 1, nameof(count)), 0);

    /// <summary>Halts when so much of what has ended has failed, once <see cref="LeastEnded"/> tasks have ended.</summary>
    /// <param name="percentage">More than 0, and 100 at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public static FailureLimit OfPercentage(double percentage) => percentage is > 0 and <= 100
        ? new FailureLimit(0, percentage)
        : throw new ArgumentOutOfRangeException(nameof(percentage), percentage, "A percentage of failures is more than 0, and 100 at most.");

    /// <summary>The limit as text, such as "3" or "10%".</summary>
    public override string ToString() => _count > 0
        ? _count.ToString(CultureInfo.InvariantCulture)
        : _percentage.ToString(CultureInfo.InvariantCulture) + "%";

    internal bool IsReached(long failed, long ended) => _count > 0
        ? failed >= _count
        : ended >= LeastEnded && failed * 100 >= _percentage * ended;
}
