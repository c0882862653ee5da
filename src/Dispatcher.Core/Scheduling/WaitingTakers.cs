using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// The runners that have asked for more tasks than there were, beside the workers, whose pool knows the idle ones. The
/// scheduler's lock guards it.
/// </summary>
internal sealed class WaitingTakers
{
    private readonly object _lock;
    private readonly Queue<TaskRunner> _takers = new();

    internal WaitingTakers(object schedulerLock) => _lock = schedulerLock;

    internal void Add(TaskRunner taker)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (!_takers.Contains(taker))
        {
            _takers.Enqueue(taker);
        }
    }

    /// <summary>Wakes the one that has waited longest; it asks again.</summary>
    internal void WakeNext()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (_takers.Count > 0)
        {
            _takers.Dequeue().Wake();
        }
    }

    /// <summary>Wakes them all: what they wait for may never come.</summary>
    internal void WakeAll()
    {
        while (_takers.Count > 0)
        {
            WakeNext();
        }
    }
}
