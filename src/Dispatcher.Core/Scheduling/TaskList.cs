using System;

namespace Dispatching;

/// <summary>
/// A doubly linked list through the tasks themselves: a pending task costs no memory beside its own, and is taken out
/// of the middle at once. Not safe to use from several threads; the scheduler's lock guards it.
/// </summary>
internal sealed class TaskList
{
    internal DispatchTask? First { get; private set; }

    internal DispatchTask? Last { get; private set; }

    internal int Count { get; private set; }

    internal void AddLast(DispatchTask task)
    {
        if (task.List is not null)
        {
            throw new InvalidOperationException("Task " + task.Name + " is in a list already.");
        }

        task.List = this;
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

    internal DispatchTask? RemoveFirst() => First is { } task ? Remove(task) : null;

    internal DispatchTask? RemoveLast() => Last is { } task ? Remove(task) : null;

    internal DispatchTask Remove(DispatchTask task)
    {
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

        task.List = null;
        task.Next = null;
        task.Previous = null;
        Count--;
        return task;
    }
}
