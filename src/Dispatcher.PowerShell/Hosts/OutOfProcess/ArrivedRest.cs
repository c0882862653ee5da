using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// What had arrived from the far end of a session before that was lost. The engine hands it on by threads of its own, one object
/// after the other, and says nothing of the last. Safe to use from any thread.
/// </summary>
internal sealed class ArrivedRest
{
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly object _lock = new();
    private volatile bool _isAwaited;
    private volatile bool _isTaken;

    /// <summary>Waits until nothing has come for a while. The first call does.</summary>
    internal void Wait()
    {
        if (_isTaken)
        {
            return;
        }

        // What has arrived waits for a thread of the pool, in which it is before this.
        WaitForPool();
        var limit = Stopwatch.StartNew();
        lock (_lock)
        {
            _isAwaited = true;
            while (!_isTaken && Monitor.Wait(_lock, s_turn) && limit.Elapsed < s_timeout)
            {
                // There was more.
            }
        }

        _isTaken = true;
    }

    /// <summary>Nobody wants it: <see cref="Wait"/> returns at once.</summary>
    internal void Drop()
    {
        _isTaken = true;
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>An object was taken.</summary>
    internal void OnTaken()
    {
        if (_isAwaited)
        {
            lock (_lock)
            {
                Monitor.PulseAll(_lock);
            }
        }
    }

    private static void WaitForPool()
    {
        var turn = new object();
        bool hasCome = false;
        lock (turn)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    lock (turn)
                    {
                        hasCome = true;
                        Monitor.Pulse(turn);
                    }
                },
                state: null);
            if (!hasCome)
            {
                Monitor.Wait(turn, s_timeout);
            }
        }
    }
}
