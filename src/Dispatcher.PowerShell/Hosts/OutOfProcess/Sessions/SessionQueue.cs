using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>What the thread of a session has to do next. All others post to it, and never wait for the network.</summary>
internal sealed class SessionQueue
{
    private readonly object _lock = new();
    private readonly Queue<(string Tag, long Id)> _messages = new();
    private bool _isWoken;

    /// <summary>Has a message sent. Does not block.</summary>
    internal void Post(string tag, long id)
    {
        InterruptSafe.Enter(_lock);
        _messages.Enqueue((tag, id));
        Monitor.Pulse(_lock);
        Monitor.Exit(_lock);
    }

    /// <summary>Has the thread look whether there are tasks, or whether it is over. Does not block.</summary>
    internal void Wake()
    {
        InterruptSafe.Enter(_lock);
        _isWoken = true;
        Monitor.Pulse(_lock);
        Monitor.Exit(_lock);
    }

    /// <summary>Waits until there is something to do, or the time is up.</summary>
    /// <returns>Whether there is a message. If not, the thread was woken, or the time was up.</returns>
    internal bool Take(TimeSpan timeout, out string tag, out long id)
    {
        lock (_lock)
        {
            if (_messages.Count == 0 && !_isWoken && timeout != TimeSpan.Zero)
            {
                Monitor.Wait(_lock, timeout);
            }

            if (_messages.Count > 0)
            {
                (tag, id) = _messages.Dequeue();
                return true;
            }

            _isWoken = false;
            (tag, id) = (string.Empty, 0);
            return false;
        }
    }
}
