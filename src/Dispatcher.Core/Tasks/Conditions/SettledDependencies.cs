using System;

namespace Dispatching;

/// <summary>
/// Those whose wait is over, and whose schedulers are to hear of it: as many as possible in one call. A task that is stopped
/// stops those that depend on it, and so on: that goes one after the other, and not one inside the other, since a chain may
/// have a million of them. Each thread has its own list.
/// </summary>
internal sealed class SettledDependencies
{
    [ThreadStatic]
    private static SettledDependencies? s_current;

    private TaskDependencies? _first;
    private TaskDependencies? _last;
    private bool _isOpen;

    /// <summary>Reports one; later, where <see cref="TryOpen"/> has begun a list on this thread.</summary>
    internal static void Add(TaskDependencies dependencies)
    {
        SettledDependencies list = s_current ??= new SettledDependencies();
        if (list._last is null)
        {
            list._first = dependencies;
        }
        else
        {
            list._last.Next = dependencies;
        }

        list._last = dependencies;
        if (!list._isOpen)
        {
            list._isOpen = true;
            list.ReportAll();
        }
    }

    /// <summary>Begins a list on this thread. Where it returns <see langword="true"/>, <see cref="Report"/> has to follow.</summary>
    internal static bool TryOpen()
    {
        SettledDependencies list = s_current ??= new SettledDependencies();
        if (list._isOpen)
        {
            return false;
        }

        list._isOpen = true;
        return true;
    }

    /// <summary>Reports all that were added, and those that are added meanwhile.</summary>
    internal static void Report() => s_current?.ReportAll();

    private void ReportAll()
    {
        try
        {
            while (TakeOfOneOwner(out ITaskOwner? owner) is { } first)
            {
                owner?.OnDependenciesSettled(first);
                Unlink(first);
            }
        }
        finally
        {
            _first = _last = null;
            _isOpen = false;
        }
    }

    /// <summary>Takes out the first, and what follows as long as it belongs to the same scheduler.</summary>
    private TaskDependencies? TakeOfOneOwner(out ITaskOwner? owner)
    {
        owner = _first?.Task?.Owner;
        if (_first is not { } first)
        {
            return null;
        }

        TaskDependencies last = first;
        while (last.Next is { } next && ReferenceEquals(next.Task?.Owner, owner))
        {
            last = next;
        }

        _first = last.Next;
        last.Next = null;
        if (_first is null)
        {
            _last = null;
        }

        return first;
    }

    /// <summary>Each lives as long as its task, and must not keep the others alive.</summary>
    private static void Unlink(TaskDependencies first)
    {
        for (TaskDependencies? current = first; current is not null;)
        {
            (TaskDependencies? next, current.Next) = (current.Next, null);
            current = next;
        }
    }
}
