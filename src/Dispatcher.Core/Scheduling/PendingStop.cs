using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>A stop that was asked for. It is over once the scheduler has stopped, also when it has started again since.</summary>
internal sealed class PendingStop
{
    // Beyond what a disk that is merely busy takes, and still no reason to think that the stop hangs.
    private static readonly TimeSpan s_logTimeout = TimeSpan.FromSeconds(5);

    private readonly Scheduler _scheduler;
    private readonly ManualResetEventSlim _stopped;

    internal PendingStop(Scheduler scheduler, ManualResetEventSlim stopped)
    {
        _scheduler = scheduler;
        _stopped = stopped;
    }

    /// <summary>Waits until it has stopped and its threads have ended.</summary>
    internal bool Wait(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_stopped.IsSet)
        {
            return true;
        }

        using IDisposable? blocked = BlockedScope.For(_scheduler);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            // What does not fit into the milliseconds of one wait is left for the next.
            double left = timeout == Timeout.InfiniteTimeSpan ? Timeout.Infinite : Math.Max(0, (timeout - clock.Elapsed).TotalMilliseconds);
            if (_stopped.Wait((int)Math.Min(Math.Ceiling(left), int.MaxValue), cancellationToken))
            {
                return true;
            }

            if (timeout != Timeout.InfiniteTimeSpan && clock.Elapsed >= timeout)
            {
                return false;
            }
        }
    }

    /// <summary>The same, and then waits until the log is written, in what is left of the time and for 5 s at most.</summary>
    internal bool WaitForAll(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        if (!Wait(timeout, cancellationToken))
        {
            return false;
        }

        FlushLog(timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - clock.Elapsed, cancellationToken);
        return true;
    }

    internal void FlushLog(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout == Timeout.InfiniteTimeSpan || timeout > s_logTimeout)
        {
            timeout = s_logTimeout;
        }

        _scheduler.Log?.Flush(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, cancellationToken);
        _scheduler.Journal?.Flush(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, cancellationToken);
    }
}
