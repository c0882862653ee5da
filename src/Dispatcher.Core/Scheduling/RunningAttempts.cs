using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>The attempts that run, whoever runs them: a list through the attempts themselves. The scheduler's lock guards it.</summary>
internal sealed class RunningAttempts
{
    private readonly object _lock;

    internal RunningAttempts(object schedulerLock) => _lock = schedulerLock;

    internal int Count { get; private set; }

    internal TaskContext? First { get; private set; }

    /// <summary>The next <see cref="TaskContext.Deadline"/> of any of them.</summary>
    internal long NextDeadline
    {
        get
        {
            long next = Clock.Never;
            for (TaskContext? attempt = First; attempt is not null; attempt = attempt.Next)
            {
                next = Math.Min(next, attempt.Deadline);
            }

            return next;
        }
    }

    internal void Add(TaskContext attempt)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        attempt.Next = First;
        if (First is not null)
        {
            First.Previous = attempt;
        }

        First = attempt;
        Count++;
        attempt.Runner.RunningCount++;
    }

    internal void Remove(TaskContext attempt)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (attempt.Previous is null)
        {
            First = attempt.Next;
        }
        else
        {
            attempt.Previous.Next = attempt.Next;
        }

        if (attempt.Next is not null)
        {
            attempt.Next.Previous = attempt.Previous;
        }

        attempt.Next = null;
        attempt.Previous = null;
        Count--;
        attempt.Runner.RunningCount--;
    }

    /// <summary>An attempt of a runner; <see langword="null"/> if it runs none.</summary>
    internal TaskContext? Find(TaskRunner runner)
    {
        TaskContext? attempt = First;
        while (attempt is not null && !ReferenceEquals(attempt.Runner, runner))
        {
            attempt = attempt.Next;
        }

        return attempt;
    }

    internal void CopyTo(List<TaskContext> target)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        for (TaskContext? attempt = First; attempt is not null; attempt = attempt.Next)
        {
            target.Add(attempt);
        }
    }
}
