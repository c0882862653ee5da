using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>The attempts that run, whoever runs them. The scheduler's lock guards it.</summary>
/// <remarks>
/// Each has a slot of an array, which nobody else's attempt has to be touched for: a list through the attempts themselves
/// takes lines of memory from the caches of other workers while the lock is held, and cost 100 ns a task.
/// </remarks>
internal sealed class RunningAttempts
{
    private readonly object _lock;
    private TaskContext?[] _slots = new TaskContext?[8];
    private int[] _free = new int[8];
    private int _freeCount;
    private int _used;

    internal RunningAttempts(object schedulerLock) => _lock = schedulerLock;

    internal int Count => _used - _freeCount;

    /// <summary>The next <see cref="TaskContext.Deadline"/> of any of them.</summary>
    internal long NextDeadline
    {
        get
        {
            long next = Clock.Never;
            foreach (TaskContext attempt in All)
            {
                next = Math.Min(next, attempt.Deadline);
            }

            return next;
        }
    }

    internal IEnumerable<TaskContext> All
    {
        get
        {
            Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
            for (int i = 0; i < _used; i++)
            {
                if (_slots[i] is { } attempt)
                {
                    yield return attempt;
                }
            }
        }
    }

    /// <summary>Makes room for one more. <see cref="Add"/> then needs no memory.</summary>
    internal void Reserve()
    {
        if (_freeCount == 0 && _used == _slots.Length)
        {
            // Both arrays first: where there is memory for one of them only, nothing has changed.
            var slots = new TaskContext?[2 * _used];
            var free = new int[2 * _used];
            Array.Copy(_slots, slots, _used);
            (_slots, _free) = (slots, free);
        }
    }

    /// <summary>Adds an attempt, after <see cref="Reserve"/>.</summary>
    internal void Add(TaskContext attempt)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        attempt.Slot = _freeCount > 0 ? _free[--_freeCount] : _used++;
        _slots[attempt.Slot] = attempt;
        attempt.Runner.RunningCount++;
    }

    internal void Remove(TaskContext attempt)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        Debug.Assert(ReferenceEquals(_slots[attempt.Slot], attempt), "The attempt does not run.");
        _slots[attempt.Slot] = null;
        _free[_freeCount++] = attempt.Slot;
        attempt.Runner.RunningCount--;
    }

    /// <summary>An attempt of a runner; <see langword="null"/> if it runs none.</summary>
    internal TaskContext? Find(TaskRunner runner)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        return Array.Find(_slots, attempt => ReferenceEquals(attempt?.Runner, runner));
    }
}
