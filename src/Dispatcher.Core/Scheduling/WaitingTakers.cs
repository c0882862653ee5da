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
    private int _calledCount;

    internal WaitingTakers(object schedulerLock) => _lock = schedulerLock;

    /// <summary>How many wait, or were woken and have yet to ask.</summary>
    internal int Count => _takers.Count + _calledCount;

    /// <summary>Whether a runner waits.</summary>
    internal static bool IsWaiting(TaskRunner taker) => taker.WaitingPlace?.List is not null;

    /// <summary>Whether a runner waits, or was woken and has yet to ask.</summary>
    internal static bool WantsTasks(RemoteRunner taker) => IsWaiting(taker) || taker.IsCalled;

    internal void Add(TaskRunner taker)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (!IsWaiting(taker))
        {
            _takers.AddLast(taker.WaitingPlace ??= new LinkedListNode<TaskRunner>(taker));
        }
    }

    /// <summary>It waits no longer: it asks now, or never again.</summary>
    internal void Remove(RemoteRunner taker)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (taker.IsCalled)
        {
            taker.IsCalled = false;
            _calledCount--;
        }

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
            Wake(first);
        }
    }

    /// <summary>Wakes one of these, if one waits; it asks again.</summary>
    internal void WakeOneOf(List<RemoteRunner> runners)
    {
        if (runners.Find(IsWaiting) is { } waiting)
        {
            Wake(waiting.WaitingPlace!); // It waits.
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

    private void Wake(LinkedListNode<TaskRunner> place)
    {
        _takers.Remove(place);
        if (place.Value is RemoteRunner runner)
        {
            runner.IsCalled = true;
            _calledCount++;
        }

        place.Value.Wake();
    }
}
