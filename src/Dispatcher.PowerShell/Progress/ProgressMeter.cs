using System;
using System.Globalization;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// Decides when to show progress, and what: the rate is a moving average. It has no clock: the caller gives each time, from
/// any origin. Not safe for several threads.
/// </summary>
internal sealed class ProgressMeter
{
    /// <summary>How long a wait takes before it shows anything: 1 s.</summary>
    internal static readonly TimeSpan ShownAfter = TimeSpan.FromSeconds(1);

    /// <summary>The time between two updates, at least: 0.2 s.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.2);

    // The period of the average, in seconds, and as a share of the time that has passed, whichever is longer. Tasks that
    // take minutes end in bursts far apart; with a short period the time left would jump with each.
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
        _dueAt = now + ShownAfter;
    }

    /// <summary>How many tasks end per second, by the moving average.</summary>
    internal double Rate => _recentSeconds > 0 ? Math.Max(0, _recentDone / _recentSeconds) : 0;

    /// <summary>How long until the next update; zero when it is due.</summary>
    internal TimeSpan UntilDue(TimeSpan now) => _dueAt > now ? _dueAt - now : TimeSpan.Zero;

    /// <summary>Adds the counts to the average, and returns what to show. The next update is due an <see cref="Interval"/> later.</summary>
    internal ProgressFigures Measure(TimeSpan now, ProgressCounts counts)
    {
        _dueAt = now + Interval;
        double passed = (now - _lastAt).TotalSeconds;
        if (passed > 0)
        {
            double memory = Math.Max(ShortMemory, (now - _start).TotalSeconds * MemoryShare);
            double kept = Math.Exp(-passed / memory);
            long done = counts.Done - counts.FromJournal;
            _recentDone = (_recentDone * kept) + done - _lastDone;
            _recentSeconds = (_recentSeconds * kept) + passed;
            _lastAt = now;
            _lastDone = done;
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

        if (counts.FromJournal > 0)
        {
            status.Append(" (").Append(counts.FromJournal.ToString(CultureInfo.CurrentCulture)).Append(" from the journal)");
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
