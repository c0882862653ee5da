using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace Dispatching;

/// <summary>
/// A doubly linked list through the tasks themselves: a pending task costs no memory beside its own, and is taken out
/// of the middle at once. Not thread-safe.
/// </summary>
internal class TaskList : IPendingSet
{
    /// <inheritdoc/>
    public virtual string Reason => PendingReasons.Queued;

    /// <inheritdoc/>
    public int Count { get; private set; }

    internal DispatchTask? First { get; private set; }

    internal DispatchTask? Last { get; private set; }

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        if (task.PendingSet is not null)
        {
            throw new InvalidOperationException("Task " + task.Name + " is in a list already.");
        }

        task.PendingSet = this;
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
        Count++;
    }

    /// <inheritdoc/>
    public void Remove(DispatchTask task)
    {
        Debug.Assert(ReferenceEquals(task.PendingSet, this), "The task is in another set.");
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

    private DispatchTask? Take(DispatchTask? task)
    {
        if (task is not null)
        {
            Remove(task);
        }

        return task;
    }
}
