using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace Dispatching;

/// <summary>
/// A doubly linked list through the tasks themselves: a pending task costs no memory beside its own, and is taken out
/// of the middle at once. Not thread-safe.
/// </summary>
internal sealed class TaskList : IPendingSet
{
    private readonly IPendingSet? _owner;

    /// <param name="owner">The set that this is a part of, which its tasks know as theirs.</param>
    internal TaskList(IPendingSet? owner = null) => _owner = owner;

    /// <inheritdoc/>
    public string GetReason(DispatchTask task) => PendingReasons.Queued;

    /// <inheritdoc/>
    public int Count { get; private set; }

    internal DispatchTask? First { get; private set; }

    internal DispatchTask? Last { get; private set; }

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        Claim(task);
        task.Previous = Last;
        if (Last is null)
        {
            First = task;
        }
        else
        {
            Last.Next = task;
        }

        Last = task;
    }

    /// <summary>Takes a task in at the place that it would have, had it been added when it was sent.</summary>
    internal void Insert(DispatchTask task)
    {
        // From both ends: most tasks come back to a place near one of them.
        DispatchTask? next = First;
        DispatchTask? previous = Last;
        while (next is not null && previous is not null && IsBefore(next, task) && IsBefore(task, previous))
        {
            next = next.Next;
            previous = previous.Previous;
        }

        if (next is null || previous is null || !IsBefore(task, previous))
        {
            AddAfter(previous, task);
        }
        else
        {
            AddAfter(next.Previous, task);
        }
    }

    /// <inheritdoc/>
    public void Remove(DispatchTask task)
    {
        Debug.Assert(ReferenceEquals(task.PendingSet, _owner ?? this), "The task is in another set.");
        if (task.Previous is null)
        {
            First = task.Next;
        }
        else
        {
            task.Previous.Next = task.Next;
        }

        if (task.Next is null)
        {
            Last = task.Previous;
        }
        else
        {
            task.Next.Previous = task.Previous;
        }

        task.PendingSet = null;
        task.Next = null;
        task.Previous = null;
        Count--;
    }

    /// <inheritdoc/>
    public void CopyTo(List<DispatchTask> target)
    {
        for (DispatchTask? task = First; task is not null; task = task.Next)
        {
            target.Add(task);
        }
    }

    /// <inheritdoc/>
    public DispatchTask? TakeAny() => TakeFirst();

    internal DispatchTask? TakeFirst() => Take(First);

    internal DispatchTask? TakeLast() => Take(Last);

    /// <summary>The order of tasks with the same priority: by the time at which they were sent, or came back for another attempt.</summary>
    internal static int Compare(DispatchTask x, DispatchTask y)
    {
        int byTime = GetTime(x).CompareTo(GetTime(y));
        return byTime != 0 ? byTime : x.Id.CompareTo(y.Id);
    }

    private static bool IsBefore(DispatchTask x, DispatchTask y) => Compare(x, y) < 0;

    private static long GetTime(DispatchTask task) => task.Conditions is { RetriedAt: > 0 and var time } ? time : task.QueuedTimestamp;

    private void AddAfter(DispatchTask? previous, DispatchTask task)
    {
        if (ReferenceEquals(previous, Last))
        {
            Add(task);
            return;
        }

        Claim(task);
        DispatchTask next = previous is null ? First! : previous.Next!; // Last is another one, so there is a next.
        task.Previous = previous;
        task.Next = next;
        next.Previous = task;
        if (previous is null)
        {
            First = task;
        }
        else
        {
            previous.Next = task;
        }
    }

    private void Claim(DispatchTask task)
    {
        if (task.PendingSet is not null)
        {
            throw new InvalidOperationException("Task " + task.Name + " is in a list already.");
        }

        task.PendingSet = _owner ?? this;
        Count++;
    }

    private DispatchTask? Take(DispatchTask? task)
    {
        if (task is not null)
        {
            Remove(task);
        }

        return task;
    }
}
