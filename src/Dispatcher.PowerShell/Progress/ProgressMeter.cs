using System;
using System.Globalization;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// When to show progress, and what: the rate is that of the recent past, smoothed. It knows no clock; every time is one
/// that the caller gives, from whatever start. One thread uses it.
/// </summary>
internal sealed class ProgressMeter
{
    /// <summary>What takes less time than this shows nothing: 1 s.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>The time between two updates, at least: 0.2 s.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.2);

    // How far back the rate looks, in seconds, and as a part of the time that has passed, whichever is more. Tasks that
    // take minutes end in bursts far apart, and a short memory would have the time left jump with each.
    private const double ShortMemory = 5;
    private const double MemoryShare = 1.0 / 3;

    private readonly TimeSpan _start;
    private TimeSpan _dueAt;
    private TimeSpan _lastAt;
    private long _lastDone;
    private double _recentDone;
    private double _recentSeconds;

    internal ProgressMeter(TimeSpan now)
    {
        _start = now;
        _lastAt = now;
        _dueAt = now + Quiet;
    }

    /// <summary>How many have ended a second, lately.</summary>
    internal double Rate => _recentSeconds > 0 ? Math.Max(0, _recentDone / _recentSeconds) : 0;

    /// <summary>How long until the next update; zero when it is due.</summary>
    internal TimeSpan UntilDue(TimeSpan now) => _dueAt > now ? _dueAt - now : TimeSpan.Zero;

    /// <summary>Takes the counts in, and tells what to show. The next update is due an <see cref="Interval"/> later.</summary>
    internal ProgressFigures Measure(TimeSpan now, ProgressCounts counts)
    {
        _dueAt = now + Interval;
        double passed = (now - _lastAt).TotalSeconds;
        if (passed > 0)
        {
            double memory = Math.Max(ShortMemory, (now - _start).TotalSeconds * MemoryShare);
            double kept = Math.Exp(-passed / memory);
            _recentDone = (_recentDone * kept) + counts.Done - _lastDone;
            _recentSeconds = (_recentSeconds * kept) + passed;
            _lastAt = now;
            _lastDone = counts.Done;
        }

        return new ProgressFigures(GetStatus(counts), GetPercent(counts), GetSecondsLeft(counts));
    }

    private static int GetPercent(ProgressCounts counts) =>
        counts.Total is > 0 and { } total ? (int)Math.Min(100, Math.Max(0, 100 * counts.Done / total)) : -1;

    private static string GetRateText(double rate)
    {
        (double value, string unit) = rate switch
        {
            >= 1 => (rate, "s"),
            >= 1.0 / 60 => (rate * 60, "min"),
            _ => (rate * 3600, "h"),
        };
        return value.ToString(value < 10 ? "0.0" : "0", CultureInfo.CurrentCulture) + "/" + unit;
    }

    private int GetSecondsLeft(ProgressCounts counts)
    {
        if (counts.Total is not { } total || (Rate <= 0 && counts.Done < total))
        {
            return -1;
        }

        long left = Math.Max(0, total - counts.Done);
        return left == 0 ? 0 : (int)Math.Min(int.MaxValue, Math.Ceiling(left / Rate));
    }

    private string GetStatus(ProgressCounts counts)
    {
        var status = new StringBuilder();
        status.Append(counts.Done.ToString(CultureInfo.CurrentCulture));
        if (counts.Total is { } total)
        {
            status.Append(" of ").Append(total.ToString(CultureInfo.CurrentCulture)).Append(" done");
        }
        else
        {
            status.Append(" done so far");
        }

        status.Append(", ").Append(counts.Running.ToString(CultureInfo.CurrentCulture)).Append(" running");
        if (counts.Failed > 0)
        {
            status.Append(", ").Append(counts.Failed.ToString(CultureInfo.CurrentCulture)).Append(" failed");
        }

        if (counts.TimedOut > 0)
        {
            status.Append(", ").Append(counts.TimedOut.ToString(CultureInfo.CurrentCulture)).Append(" timed out");
        }

        if (Rate > 0)
        {
            status.Append(", ").Append(GetRateText(Rate));
        }

        return status.ToString();
    }
}
