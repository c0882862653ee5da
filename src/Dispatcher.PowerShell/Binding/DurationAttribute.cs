using System;
using System.Globalization;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Reads a duration as people write it: a number of seconds, a <see cref="TimeSpan"/>, or text of either. PowerShell by
/// itself would read 30 as 30 ticks of 100 ns, and '30' as 30 days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    private static readonly double s_mostSeconds = TimeSpan.FromDays(36500).TotalSeconds;

    /// <summary>Creates the attribute.</summary>
    public DurationAttribute(DurationKind kind) => Kind = kind;

    /// <summary>What 0 and -1 mean.</summary>
    public DurationKind Kind { get; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        TimeSpan? duration = value switch
        {
            TimeSpan span => span,
            string text => Parse(text.Trim()),
            sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal =>
                FromSeconds(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            _ => null,
        };
        return (duration is { } known ? Accept(known) : null) ?? throw new ArgumentTransformationMetadataException(Describe(value));
    }

    private static TimeSpan? Parse(string text)
    {
        if (string.Equals(text, "Infinite", StringComparison.OrdinalIgnoreCase))
        {
            return Timeout.InfiniteTimeSpan;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
        {
            return FromSeconds(seconds);
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan span) ? span : null;
    }

    private static TimeSpan? FromSeconds(double seconds)
    {
        if (seconds == -1)
        {
            return Timeout.InfiniteTimeSpan;
        }

        return Math.Abs(seconds) <= s_mostSeconds ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;
    }

    private TimeSpan? Accept(TimeSpan duration)
    {
        bool isInfinite = duration == Timeout.InfiniteTimeSpan;
        if (duration.TotalSeconds > s_mostSeconds)
        {
            return null;
        }

        return Kind switch
        {
            DurationKind.Limit when isInfinite || duration == TimeSpan.Zero => Timeout.InfiniteTimeSpan,
            DurationKind.Wait when isInfinite => duration,
            _ when duration >= TimeSpan.Zero => duration,
            _ => null,
        };
    }

    private string Describe(object? value)
    {
        string special = Kind switch
        {
            DurationKind.Limit => "0, -1 or Infinite for no limit",
            DurationKind.Wait => "0 for no wait, -1 or Infinite for as long as it takes",
            _ => "0 for none",
        };
        return string.Format(
            CultureInfo.InvariantCulture,
            "'{0}' is not a duration. Give a number of seconds (1.5), a TimeSpan, or text such as '00:01:30'; {1}.",
            value ?? "$null",
            special);
    }
}
