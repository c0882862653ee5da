using System;
using System.Collections;
using System.Globalization;
using System.Linq;
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
    /// <summary>Creates the attribute.</summary>
    public DurationAttribute(DurationKind kind) => Kind = kind;

    /// <summary>What 0 and -1 mean.</summary>
    public DurationKind Kind { get; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        TimeSpan? duration = value switch
        {
            TimeSpan span => span,
            string text => Durations.Parse(text.Trim()),
            sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal =>
                Durations.FromSeconds(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            _ => null,
        };
        return (duration is { } known ? Accept(known) : null) ?? throw new ArgumentTransformationMetadataException(Describe(value));
    }

    private TimeSpan? Accept(TimeSpan duration)
    {
        bool isInfinite = duration == Timeout.InfiniteTimeSpan;
        if (duration > Durations.Longest)
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
            "'{0}' is not a duration{1}. Give a number of seconds (1.5), a TimeSpan, or text such as '00:01:30' or '48:00' (hours and minutes), of {2:0} days at most; {3}.",
            Text(value),
            LooksLikeDecimalComma(value) ? "; a fraction is written with a point (1.5)" : string.Empty,
            Durations.Longest.TotalDays,
            special);
    }

    private static string Text(object? value) => value switch
    {
        null => "$null",
        IDictionary => "@{}",
        IEnumerable items and not string => string.Join(", ", items.Cast<object?>().Take(5)),
        IFormattable number => number.ToString(format: null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };

    // 1,5 is a list of two numbers, and '1,5' is how half of the world writes one and a half.
    private static bool LooksLikeDecimalComma(object? value) => value is string text ? text.IndexOfAny([',']) >= 0 : value is Array { Length: 2 };
}
