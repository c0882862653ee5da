using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace Dispatching;

/// <summary>
/// A doubly linked list through the tasks themselves: a pending task costs no memory beside its own, and is taken out
/// of the middle at once. Only tasks that come back to a place far inside of a long list cost more. Not thread-safe.
/// </summary>
internal sealed class TaskList : IPendingSet
{
    // How far from an end a place is looked for. Beyond, a task goes among the strays: with 100,000 tasks that change their
    // places at random, looking would take the square of that.
    private const int LongestSearch = 32;

    private static readonly IComparer<DispatchTask> s_order = Comparer<DispatchTask>.Create(Compare);

    private readonly IPendingSet? _owner;
    private DispatchTask? _first;
    private DispatchTask? _last;

    // The tasks that are in their order, and not in the list.
    private SortedSet<DispatchTask>? _strays;

    /// <param name="owner">The set that this is a part of, which its tasks know as theirs.</param>
    internal TaskList(IPendingSet? owner = null) => _owner = owner;

    /// <inheritdoc/>
    public string GetReason(DispatchTask task) => PendingReasons.Queued;

    /// <inheritdoc/>
    public int Count { get; private set; }

    internal DispatchTask? First => _strays is { Count: > 0 } strays && (_first is null || IsBefore(strays.Min!, _first)) ? strays.Min : _first;

    internal DispatchTask? Last => _strays is { Count: > 0 } strays && (_last is null || IsBefore(_last, strays.Max!)) ? strays.Max : _last;

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        Claim(task);
        task.Previous = _last;
        if (_last is null)
        {
            _first = task;
        }
        else
        {
            _last.Next = task;
        }

        _last = task;
    }

    /// <summary>Takes a task in at the place that it would have, had it been added when it was sent.</summary>
    internal void Insert(DispatchTask task)
    {
        // From both ends: most tasks come back to a place near one of them.
        DispatchTask? next = _first;
        DispatchTask? previous = _last;
        int steps = 0;
        for (; next is not null && previous is not null && IsBefore(next, task) && IsBefore(task, previous); steps++)
        {
            if (steps == LongestSearch)
            {
                // First: there may be no memory for it.
                (_strays ??= new SortedSet<DispatchTask>(s_order)).Add(task);
                Claim(task);
                return;
            }

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
        if (task.Previous is null && task.Next is null && !ReferenceEquals(task, _first))
        {
            _strays!.Remove(task); // It is in no other place.
        }
        else
        {
            Unlink(task);
        }

        task.PendingSet = null;
        task.Next = null;
        task.Previous = null;
        Count--;
    }

    /// <inheritdoc/>
    public void CopyTo(List<DispatchTask> target)
    {
        for (DispatchTask? task = _first; task is not null; task = task.Next)
        {
            target.Add(task);
        }

        if (_strays is not null)
        {
            target.AddRange(_strays);
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
        if (ReferenceEquals(previous, _last))
        {
            Add(task);
            return;
        }

        Claim(task);
        DispatchTask next = previous is null ? _first! : previous.Next!; // The last is another one, so there is a next.
        task.Previous = previous;
        task.Next = next;
        next.Previous = task;
        if (previous is null)
        {
            _first = task;
        }
        else
        {
            previous.Next = task;
        }
    }

    private void Unlink(DispatchTask task)
    {
        if (task.Previous is null)
        {
            _first = task.Next;
        }
        else
        {
            task.Previous.Next = task.Next;
        }

        if (task.Next is null)
        {
            _last = task.Previous;
        }
        else
        {
            task.Next.Previous = task.Previous;
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
