using System;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Reads durations from numbers and text.</summary>
internal static class Durations
{
    /// <summary>The longest: 100 years.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(36500);

    // Days, hours, minutes and seconds. TimeSpan.Parse would read 24:00:00 as 24 days.
    private static readonly Regex s_clock = new(
        @"^(?:(?<d>[0-9]{1,6})\.)?(?<h>[0-9]{1,7}):(?<m>[0-5]?[0-9])(?::(?<s>[0-5]?[0-9](?:\.[0-9]{1,15})?))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        TimeSpan.FromSeconds(1));

    /// <summary>Reads "Infinite", a number of seconds, or <c>[d.]hh:mm[:ss[.fff]]</c>; <see langword="null"/> if it is none of these.</summary>
    internal static TimeSpan? Parse(string text)
    {
        if (string.Equals(text, "Infinite", StringComparison.OrdinalIgnoreCase))
        {
            return Timeout.InfiniteTimeSpan;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? FromSeconds(seconds) : ParseClock(text);
    }

    /// <summary>Reads a number of seconds, -1 as infinite. More than 0 is never rounded to 0.</summary>
    internal static TimeSpan? FromSeconds(double seconds)
    {
        if (seconds == -1)
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Written so that NaN is refused too.
        if (!(seconds >= 0 && seconds <= Longest.TotalSeconds))
        {
            return null;
        }

        long ticks = (long)Math.Round(seconds * TimeSpan.TicksPerSecond);
        return TimeSpan.FromTicks(seconds > 0 ? Math.Max(1, ticks) : 0);
    }

    private static TimeSpan? ParseClock(string text)
    {
        Match clock = s_clock.Match(text);
        if (!clock.Success)
        {
            return null;
        }

        double hours = Number(clock, "h");
        bool hasDays = clock.Groups["d"].Success;
        return hasDays && hours > 23 ? null : FromSeconds((((((Number(clock, "d") * 24) + hours) * 60) + Number(clock, "m")) * 60) + Number(clock, "s"));
    }

    private static double Number(Match clock, string part) =>
        clock.Groups[part] is { Success: true } group ? double.Parse(group.Value, NumberStyles.Float, CultureInfo.InvariantCulture) : 0;
}
