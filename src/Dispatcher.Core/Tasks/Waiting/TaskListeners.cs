using System;

namespace Dispatching;

/// <summary>
/// Those who follow one task: none as a rule, which takes no more than a field. Not thread-safe; the lock on the task's
/// output guards it.
/// </summary>
internal struct TaskListeners
{
    private object? _listeners;

    internal void Add(ITaskListener listener) => _listeners = _listeners switch
    {
        null => listener,
        ITaskListener first => new ITaskListener?[] { first, listener },
        ITaskListener?[] some => Append(some, listener),
        _ => throw new InvalidOperationException(),
    };

    internal void Remove(ITaskListener listener) => _listeners = _listeners switch
    {
        ITaskListener?[] some => Array.FindAll(some, other => other is not null && !ReferenceEquals(other, listener)),
        ITaskListener one when ReferenceEquals(one, listener) => null,
        object others => others,
        null => null,
    };

    /// <summary>Tells them of a record. On a copy, outside of the lock.</summary>
    internal readonly void NotifyRecord(DispatchTask task, bool isFirst)
    {
        if (_listeners is ITaskListener one)
        {
            NotifyRecord(one, task, isFirst);
        }
        else if (_listeners is ITaskListener?[] some)
        {
            foreach (ITaskListener? listener in some)
            {
                if (listener is null)
                {
                    break;
                }

                NotifyRecord(listener, task, isFirst);
            }
        }
    }

    /// <summary>Tells them of the end, and forgets them. Needs no lock: once the state is final, nobody adds or removes one.</summary>
    internal void NotifyEnded(DispatchTask task)
    {
        object? listeners = _listeners;
        _listeners = null;
        if (listeners is ITaskListener one)
        {
            NotifyEnded(one, task);
        }
        else if (listeners is ITaskListener?[] some)
        {
            NotifyEnded(some, task);
        }
    }

    private static void NotifyEnded(ITaskListener?[] listeners, DispatchTask task)
    {
        bool isOpen = SettledDependencies.TryOpen();
        try
        {
            foreach (ITaskListener? listener in listeners)
            {
                if (listener is null)
                {
                    break;
                }

                NotifyEnded(listener, task);
            }
        }
        finally
        {
            if (isOpen)
            {
                SettledDependencies.Report();
            }
        }
    }

    // Places at the end may be free: 100,000 tasks may depend on one.
    private static ITaskListener?[] Append(ITaskListener?[] some, ITaskListener listener)
    {
        int low = 0;
        int high = some.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = some[middle] is null ? (low, middle) : (middle + 1, high);
        }

        if (low == some.Length)
        {
            // On a copy: somebody may be reading this one.
            ITaskListener?[] live = Array.FindAll(some, other => other is { IsOver: false });
            low = live.Length;
            Array.Resize(ref live, Math.Max(2, 2 * low));
            some = live;
        }

        some[low] = listener;
        return some;
    }

    private static void NotifyRecord(ITaskListener listener, DispatchTask task, bool isFirst)
    {
        if (isFirst || listener.WantsEachRecord)
        {
            listener.OnRecord(task);
        }
    }

    private static void NotifyEnded(ITaskListener listener, DispatchTask task)
    {
        try
        {
            listener.OnEnded(task);
        }
        catch (OutOfMemoryException)
        {
            // The others have to be told all the same.
        }
    }
}
