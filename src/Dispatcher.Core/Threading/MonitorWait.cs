using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>Waits of <see cref="Monitor"/> for what is left of a time.</summary>
internal static class MonitorWait
{
    // Longer waits do not fit into the milliseconds that Monitor counts in.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>Waits to be woken. <see langword="false"/> when the time, which began at a timestamp of <see cref="Stopwatch"/>, is up.</summary>
    internal static bool UpTo(object monitor, TimeSpan timeout, long start)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return Monitor.Wait(monitor);
        }

        TimeSpan left = timeout - TimeSpan.FromSeconds((double)(Stopwatch.GetTimestamp() - start) / Stopwatch.Frequency);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        _ = Monitor.Wait(monitor, left < s_longest ? left : s_longest);
        return true;
    }
}
