using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>The attempts that run, by runner. The scheduler's lock guards it.</summary>
/// <remarks>
/// Each runner has the list of its own, and stays known between two attempts. So a worker that ends one and starts the next
/// writes to its own memory alone; what all of them write to has to come from another processor's cache each time, while
/// the lock is held: one common list cost 100 ns a task.
/// </remarks>
internal sealed class RunningAttempts
{
    private readonly object _lock;
    private readonly List<TaskRunner> _runners = [];

    internal RunningAttempts(object schedulerLock) => _lock = schedulerLock;

    internal int Count
    {
        get
        {
            int count = 0;
            foreach (TaskRunner runner in _runners)
            {
                count += runner.RunningCount;
            }

            return count;
        }
    }

    /// <summary>The next <see cref="TaskContext.Deadline"/> of any of them.</summary>
    internal long NextDeadline
    {
        get
        {
            long next = Clock.Never;
            foreach (TaskContext attempt in All)
            {
                next = System.Math.Min(next, attempt.Deadline);
            }

            return next;
        }
    }

    internal IEnumerable<TaskContext> All
    {
        get
        {
            Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
            foreach (TaskRunner runner in _runners)
            {
                for (TaskContext? attempt = runner.FirstRunning; attempt is not null; attempt = attempt.Next)
                {
                    yield return attempt;
                }
            }
        }
    }

    /// <summary>Makes a runner known. <see cref="Add"/> then needs no memory.</summary>
    internal void Register(TaskRunner runner)
    {
        if (!runner.IsRegistered)
        {
            _runners.Add(runner);
            runner.IsRegistered = true;
        }
    }

    /// <summary>Adds an attempt, after <see cref="Register"/>.</summary>
    internal void Add(TaskContext attempt)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        Debug.Assert(attempt.Runner.IsRegistered, "The runner is not known.");
        TaskRunner runner = attempt.Runner;
        attempt.Next = runner.FirstRunning;
        if (attempt.Next is { } next)
        {
            next.Previous = attempt;
        }

        runner.FirstRunning = attempt;
        runner.RunningCount++;
    }

    internal void Remove(TaskContext attempt)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        TaskRunner runner = attempt.Runner;
        Debug.Assert(attempt.Previous is not null || ReferenceEquals(runner.FirstRunning, attempt), "The attempt does not run.");
        if (attempt.Previous is { } previous)
        {
            previous.Next = attempt.Next;
        }
        else
        {
            runner.FirstRunning = attempt.Next;
        }

        if (attempt.Next is { } next)
        {
            next.Previous = attempt.Previous;
        }

        attempt.Next = null;
        attempt.Previous = null;
        runner.RunningCount--;
        if (!runner.HoldsPlace)
        {
            Unregister(runner);
        }
    }

    /// <summary>A runner that runs nothing will not run anything more.</summary>
    internal void Unregister(TaskRunner runner)
    {
        if (runner.IsRegistered && runner.RunningCount == 0)
        {
            _runners.Remove(runner);
            runner.IsRegistered = false;
        }
    }
}
