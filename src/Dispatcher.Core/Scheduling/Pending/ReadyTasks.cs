using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// The tasks that may start now: those that anybody may take, and for each host those that are pinned to it. Neither wait for
/// the others. The scheduler's lock guards it.
/// </summary>
internal sealed class ReadyTasks : IPendingSet
{
    private readonly RemoteRunners _runners;
    private readonly ReadyQueue _unpinned;
    private readonly Dictionary<string, PinnedQueue> _pinned = new(StringComparer.OrdinalIgnoreCase);
    private readonly LinkedList<PinnedQueue> _noted = new();

    internal ReadyTasks(RemoteRunners runners)
    {
        _runners = runners;
        _unpinned = new ReadyQueue(this);
    }

    /// <inheritdoc/>
    public int Count => _unpinned.Count + PinnedCount;

    /// <summary>How many anybody may take.</summary>
    internal int UnpinnedCount => _unpinned.Count;

    /// <summary>How many are pinned to a host, whichever that is.</summary>
    internal int PinnedCount { get; private set; }

    /// <summary>The highest priority of those that anybody may take; less than any where there are none.</summary>
    internal long HighestPriority => _unpinned.HighestPriority;

    /// <summary>Whether there are hosts whose runners have to hear of tasks for them.</summary>
    internal bool HasNoted => _noted.Count > 0;

    /// <inheritdoc/>
    public string GetReason(DispatchTask task) => task.Options.HostName is { } host && _runners.GetRunnersOn(host).Count == 0
        ? PendingReasons.Pinned(host)
        : PendingReasons.Queued;

    /// <summary>How many are pinned to one host.</summary>
    internal int CountPinned(string host) => PinnedCount > 0 && _pinned.TryGetValue(host, out PinnedQueue? queue) ? queue.Count : 0;

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        if (task.Options.HostName is null)
        {
            _unpinned.Add(task);
        }
        else
        {
            ReserveFor(task.Options.HostName).Add(task);
            PinnedCount++;
        }
    }

    /// <summary>Takes a task in at the place that it has by the time at which it was sent.</summary>
    internal void Insert(DispatchTask task)
    {
        if (task.Options.HostName is null)
        {
            _unpinned.Insert(task);
        }
        else
        {
            ReserveFor(task.Options.HostName).Insert(task);
            PinnedCount++;
        }
    }

    /// <inheritdoc/>
    public void Remove(DispatchTask task)
    {
        if (task.Options.HostName is null)
        {
            _unpinned.Remove(task);
            return;
        }

        PinnedQueue queue = _pinned[task.Options.HostName]; // It is in it.
        queue.Remove(task);
        OnRemoved(queue);
    }

    /// <inheritdoc/>
    public void CopyTo(List<DispatchTask> target)
    {
        _unpinned.CopyTo(target);
        foreach (PinnedQueue queue in _pinned.Values)
        {
            queue.CopyTo(target);
        }
    }

    /// <inheritdoc/>
    public DispatchTask? TakeAny()
    {
        if (_unpinned.TakeNext() is { } task)
        {
            return task;
        }

        foreach (PinnedQueue queue in _pinned.Values)
        {
            DispatchTask? pinned = queue.TakeNext(); // There is no empty one.
            OnRemoved(queue);
            return pinned;
        }

        return null;
    }

    /// <summary>The next of those that anybody may take; it stays.</summary>
    internal DispatchTask? Peek() => _unpinned.Peek();

    /// <summary>Takes out the next of those that anybody may take.</summary>
    internal DispatchTask? TakeNext() => _unpinned.TakeNext();

    /// <summary>Takes out the next for a host: of those that anybody may take, and those that are pinned to it.</summary>
    internal DispatchTask? TakeNext(string? host, bool takesUnpinned, bool takesPinned)
    {
        DispatchTask? unpinned = takesUnpinned ? _unpinned.Peek() : null;
        if (!takesPinned || host is null || PinnedCount == 0 || !_pinned.TryGetValue(host, out PinnedQueue? queue) || (unpinned is not null && !IsBefore(queue.Peek()!, unpinned)))
        {
            return takesUnpinned ? _unpinned.TakeNext() : null;
        }

        DispatchTask? pinned = queue.TakeNext();
        OnRemoved(queue);
        return pinned;
    }

    /// <summary>Has a runner of a host woken, if it has tasks: one of those is waiting for them, or they have just come.</summary>
    internal void Note(string host)
    {
        if (PinnedCount > 0 && _pinned.TryGetValue(host, out PinnedQueue? queue))
        {
            Note(queue);
        }
    }

    /// <summary>Names the next host whose runner is to be woken; <see langword="null"/> when there is none.</summary>
    internal string? TakeNoted()
    {
        string? host = _noted.First?.Value.HostName;
        if (host is not null)
        {
            _noted.RemoveFirst();
        }

        return host;
    }

    private static bool IsBefore(DispatchTask x, DispatchTask y) =>
        x.Priority != y.Priority ? x.Priority > y.Priority : TaskList.Compare(x, y) < 0;

    /// <summary>The queue of a host to which a task is about to be added.</summary>
    private PinnedQueue ReserveFor(string host)
    {
        if (!_pinned.TryGetValue(host, out PinnedQueue? queue))
        {
            _pinned.Add(host, queue = new PinnedQueue(this, host));
        }

        Note(queue);
        return queue;
    }

    private void Note(PinnedQueue queue)
    {
        if (queue.NotedPlace?.List is null)
        {
            _noted.AddLast(queue.NotedPlace ??= new LinkedListNode<PinnedQueue>(queue));
        }
    }

    private void OnRemoved(PinnedQueue queue)
    {
        PinnedCount--;
        if (queue.Count == 0)
        {
            // There may be a host for each task.
            _pinned.Remove(queue.HostName);
            if (queue.NotedPlace?.List is not null)
            {
                _noted.Remove(queue.NotedPlace);
            }
        }
    }
}
