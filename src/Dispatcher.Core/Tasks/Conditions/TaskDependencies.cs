using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <summary>What one pending task waits for: the ends of others, which may belong to other dispatchers. Safe to use from any thread.</summary>
internal sealed class TaskDependencies : ITaskListener
{
    // A task that is stopped stops those that depend on it, and so on: one after the other, and not one inside the other,
    // since a chain may have a million of them.
    [ThreadStatic]
    private static TaskDependencies? s_last;

    private readonly DispatchTask _task;
    private readonly IReadOnlyList<DispatchTask> _awaited;
    private readonly DependencyMode _mode;
    private int _left;
    private int _isReported;
    private DispatchTask? _cause;
    private TaskDependencies? _next;

    internal TaskDependencies(DispatchTask task)
    {
        _task = task;
        _awaited = task.Options.DependsOn;
        _mode = task.Options.DependencyMode;
        _left = _awaited.Count;
    }

    /// <summary>Whether there is nothing more to wait for.</summary>
    internal bool IsSettled => HasHeardAll || Cause is not null;

    /// <summary>Whether all of the others have ended, and told it.</summary>
    internal bool HasHeardAll => Volatile.Read(ref _left) == 0;

    /// <summary>The first task that has ended in a way that stops this one.</summary>
    internal DispatchTask? Cause => Volatile.Read(ref _cause);

    /// <inheritdoc/>
    public bool WantsEachRecord => false;

    /// <summary>Begins to follow the others. Once, under no lock.</summary>
    internal void Subscribe()
    {
        foreach (DispatchTask awaited in _awaited)
        {
            awaited.Subscribe(this);
        }

        if (_task.IsEnded)
        {
            // It was stopped meanwhile, by one of them perhaps, and so does not come to it any more.
            Unsubscribe();
        }
    }

    /// <summary>Follows the others no longer: its own task has ended.</summary>
    internal void Unsubscribe()
    {
        foreach (DispatchTask awaited in _awaited)
        {
            awaited.Unsubscribe(this);
        }
    }

    /// <inheritdoc/>
    public void OnRecord(DispatchTask task)
    {
        // Only the end counts.
    }

    /// <inheritdoc/>
    public void OnEnded(DispatchTask task)
    {
        if (_mode == DependencyMode.Completed && task.State != TaskState.Completed)
        {
            Interlocked.CompareExchange(ref _cause, (task.Exception as DependencyFailedException)?.Cause ?? task, null);
        }

        // Only the first time: it must not be in the lists of two threads at once.
        if ((Interlocked.Decrement(ref _left) == 0 || Cause is not null) && Interlocked.Exchange(ref _isReported, 1) == 0)
        {
            Report();
        }
    }

    private void Report()
    {
        if (s_last is not null)
        {
            // Further down on this stack, somebody goes through the list.
            s_last._next = this;
            s_last = this;
            return;
        }

        s_last = this;
        try
        {
            for (TaskDependencies? current = this; current is not null;)
            {
                current._task.Owner?.OnDependenciesSettled(current._task);
                (TaskDependencies? next, current._next) = (current._next, null);
                current = next;
            }
        }
        finally
        {
            s_last = null;
        }
    }
}
