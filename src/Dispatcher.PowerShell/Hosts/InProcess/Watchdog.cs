using System;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// A timeout for a call on this thread that is not part of a task. When it has passed, the call is asked to end, and a grace
/// later its thread is interrupted, unless this was disposed of before.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private readonly object _lock = new();
    private readonly Thread _thread = Thread.CurrentThread;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _grace;
    private bool _hasEnded;

    internal Watchdog(TimeSpan timeout, Action ask)
    {
        _timeout = new CancellationTokenSource(timeout);
        _grace = new CancellationTokenSource(timeout + Dispatcher.DefaultStopGrace);
        _timeout.Token.Register(() => Act(ask));
        _grace.Token.Register(() => Act(_thread.Interrupt));
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _hasEnded = true;
        }

        _timeout.Dispose();
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
                // This is a thread of the pool, where an exception would end the process. The interrupt follows the request.
            }
        }
    }
}
