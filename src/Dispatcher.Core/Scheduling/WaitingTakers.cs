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
    private readonly LinkedList<TaskRunner> _takers = new();

    internal WaitingTakers(object schedulerLock) => _lock = schedulerLock;

    internal int Count => _takers.Count;

    /// <summary>Whether a runner waits.</summary>
    internal static bool IsWaiting(TaskRunner taker) => taker.WaitingPlace?.List is not null;

    internal void Add(TaskRunner taker)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (!IsWaiting(taker))
        {
            _takers.AddLast(taker.WaitingPlace ??= new LinkedListNode<TaskRunner>(taker));
        }
    }

    /// <summary>It waits no longer: it asks now, or never again.</summary>
    internal void Remove(TaskRunner taker)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (IsWaiting(taker))
        {
            _takers.Remove(taker.WaitingPlace!); // It waits.
        }
    }

    /// <summary>Wakes the one that has waited longest; it asks again.</summary>
    internal void WakeNext()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (_takers.First is { } first)
        {
            _takers.RemoveFirst();
            first.Value.Wake();
        }
    }

    /// <summary>Wakes one of these, if one waits; it asks again.</summary>
    internal void WakeOneOf(List<RemoteRunner> runners)
    {
        if (runners.Find(IsWaiting) is { } waiting)
        {
            Remove(waiting);
            waiting.Wake();
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
