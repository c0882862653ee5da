using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <summary>What one pending task waits for: the ends of others, which may belong to other dispatchers. Safe to use from any thread.</summary>
internal sealed class TaskDependencies : ITaskListener
{
    private IReadOnlyList<DispatchTask> _awaited;
    private readonly DependencyMode _mode;
    private int _left;
    private int _isReported;
    private DispatchTask? _cause;

    internal TaskDependencies(DispatchTask task)
    {
        Task = task;
        _awaited = task.Options.DependsOn;
        _mode = task.Options.DependencyMode;
        _left = _awaited.Count;
    }

    /// <summary>Whether there is nothing to wait for: as a rule there are none, or they have ended as they should.</summary>
    internal static bool AreMet(TaskOptions options)
    {
        foreach (DispatchTask awaited in options.DependsOn)
        {
            if (awaited.State != TaskState.Completed && !(awaited.IsEnded && options.DependencyMode == DependencyMode.Ended))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The task that waits; <see langword="null"/> once that has ended.</summary>
    internal DispatchTask? Task { get; private set; }

    /// <summary>Whether there is nothing more to wait for.</summary>
    internal bool IsSettled => Volatile.Read(ref _left) == 0 || Cause is not null;

    /// <summary>The first task that has ended in a way that stops this one.</summary>
    internal DispatchTask? Cause => Volatile.Read(ref _cause);

    /// <summary>The next one of a <see cref="SettledDependencies"/>, which sets it.</summary>
    internal TaskDependencies? Next { get; set; }

    /// <inheritdoc/>
    public bool WantsEachRecord => false;

    /// <inheritdoc/>
    public bool IsOver => Task is null;

    /// <summary>Begins to follow the others. Once, under no lock.</summary>
    internal void Subscribe()
    {
        foreach (DispatchTask awaited in _awaited)
        {
            awaited.Subscribe(this);
        }
    }

    /// <summary>The task has ended, whatever becomes of the others. These may know this object for long, and must not keep the task alive.</summary>
    internal void Forget()
    {
        Task = null;
        _awaited = [];
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
            SettledDependencies.Add(this);
        }
    }
}
