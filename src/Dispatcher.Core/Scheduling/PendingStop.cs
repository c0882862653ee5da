using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>A stop of a dispatcher that was asked for. It is over once the dispatcher has stopped, also when it runs again since.</summary>
internal sealed class PendingStop
{
    // Beyond what a disk that is merely busy takes, and still no reason to think that the stop hangs.
    private static readonly TimeSpan s_logLimit = TimeSpan.FromSeconds(5);

    private readonly Dispatcher _dispatcher;
    private readonly ManualResetEventSlim _stopped;

    internal PendingStop(Dispatcher dispatcher, ManualResetEventSlim stopped)
    {
        _dispatcher = dispatcher;
        _stopped = stopped;
    }

    /// <summary>Waits until it has stopped and its threads have ended.</summary>
    internal bool Wait(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_stopped.IsSet)
        {
            return true;
        }

        using IDisposable? blocked = BlockedScope.For(_dispatcher);
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
        if (timeout == Timeout.InfiniteTimeSpan || timeout > s_logLimit)
        {
            timeout = s_logLimit;
        }

        _dispatcher.Log?.Flush(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, cancellationToken);
    }
}
