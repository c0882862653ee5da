using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>
/// What a step under the scheduler's lock leaves to do once the lock is left: tasks whose listeners are to be told of the
/// end, and abandoned attempts whose runners are to be told. Both are lists through the objects themselves, so that
/// nothing is allocated, and nothing can fail for want of memory.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct AfterLock
{
    private DispatchTask? _firstEnded;
    private DispatchTask? _lastEnded;
    private TaskContext? _abandoned;
    private DispatchTask? _dependent;

    /// <summary>The task has reached its final state.</summary>
    internal void AddEnded(DispatchTask task)
    {
        Debug.Assert(task.PendingSet is null && task.Next is null, "The task is in a list.");
        if (_lastEnded is null)
        {
            _firstEnded = task;
        }
        else
        {
            _lastEnded.Next = task;
        }

        _lastEnded = task;
    }

    /// <summary>The attempt was abandoned, and is in no list any more.</summary>
    internal void AddAbandoned(TaskContext attempt)
    {
        attempt.Next = _abandoned;
        _abandoned = attempt;
    }

    /// <summary>A new task waits for others, which it has to follow.</summary>
    internal void AddDependent(DispatchTask task)
    {
        Debug.Assert(_dependent is null, "One section takes one new task.");
        _dependent = task;
    }

    /// <summary>Whether all that runs is to be stopped.</summary>
    internal bool StopsRunning { get; set; }

    /// <summary>Does it all; the ended tasks in the order in which they were added. Under no lock.</summary>
    internal void Run()
    {
        _dependent?.Conditions?.Dependencies?.Subscribe();
        while (_abandoned is { } attempt)
        {
            _abandoned = attempt.Next;
            attempt.Next = null;
            attempt.Runner.OnAbandoned(attempt);
        }

        while (_firstEnded is { } task)
        {
            _firstEnded = task.Next;
            task.Next = null;
            task.NotifyEnded();
        }
    }
}
