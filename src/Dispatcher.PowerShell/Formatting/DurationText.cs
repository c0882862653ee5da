using System;
using System.Globalization;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Durations as people read them: two units at most.</summary>
internal static class DurationText
{
    /// <summary>"35 ms", "1.2 s", "3 min 05 s", "2 h 10 min" or "4 d 03 h"; "none" for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    internal static string Format(TimeSpan duration)
    {
        if (duration == Timeout.InfiniteTimeSpan)
        {
            return "none";
        }

        // Rounded before the unit is chosen, so that there is no "60.0 s" and no "1000 ms".
        double milliseconds = Math.Round(duration.TotalMilliseconds);
        if (milliseconds < 1000)
        {
            return milliseconds < 1 && duration > TimeSpan.Zero ? "<1 ms" : Text("{0:0} ms", milliseconds);
        }

        double tenths = Math.Round(duration.TotalSeconds, 1);
        if (tenths < 60)
        {
            return Text("{0:0.0} s", tenths);
        }

        var whole = TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds));
        return whole switch
        {
            { TotalMinutes: < 60 } => Text("{0} min {1:00} s", whole.Minutes, whole.Seconds),
            { TotalHours: < 24 } => Text("{0} h {1:00} min", whole.Hours, whole.Minutes),
            _ => Text("{0} d {1:00} h", whole.Days, whole.Hours),
        };
    }

    private static string Text(string format, params object[] values) => string.Format(CultureInfo.CurrentCulture, format, values);
}
