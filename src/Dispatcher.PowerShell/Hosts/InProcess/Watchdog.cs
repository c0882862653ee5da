using System;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// A limit for a call on this thread that no task's limit covers. When it is reached the call is asked to end, and a grace
/// later its thread is interrupted, as long as this has not been disposed of.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private readonly object _lock = new();
    private readonly Thread _thread = Thread.CurrentThread;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _grace;
    private bool _hasEnded;

    internal Watchdog(TimeSpan limit, Action ask)
    {
        _limit = new CancellationTokenSource(limit);
        _grace = new CancellationTokenSource(limit + Dispatcher.DefaultStopGrace);
        _limit.Token.Register(() => Act(ask));
        _grace.Token.Register(() => Act(_thread.Interrupt));
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _hasEnded = true;
        }

        _limit.Dispose();
        _grace.Dispose();
    }

    private void Act(Action action)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return;
            }

            try
            {
                action();
            }
            catch (Exception)
            {
                // On a thread of the pool, where an exception would end the process. The next step follows.
            }
        }
    }
}
