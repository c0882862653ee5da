using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <summary>Counts final failures, and says when a dispatcher has had enough of them. The scheduler's lock guards it.</summary>
internal sealed class FailurePolicy
{
    private readonly object _lock;
    private long _failed;
    private long _ended;

    internal FailurePolicy(object schedulerLock) => _lock = schedulerLock;

    /// <summary>The limit; <see langword="null"/> for none.</summary>
    internal FailureLimit? Limit { get; set; }

    internal FailureAction Action { get; set; }

    /// <summary>Why it has halted; <see langword="null"/> while it has not.</summary>
    internal DispatcherHaltedException? HaltReason { get; set; }

    internal bool IsHalted => HaltReason is not null;

    /// <summary>Whether there have been too many failures by now: the limit may have been lowered.</summary>
    internal bool IsExceeded => !IsHalted && _failed > 0 && Limit?.IsReached(_failed, _ended) == true;

    /// <summary>Begins to count anew.</summary>
    internal void Reset()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _failed = 0;
        _ended = 0;
        HaltReason = null;
    }

    /// <summary>Counts a task that has ended. Returns whether that was one failure too many.</summary>
    internal bool Count(TaskState state)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        if (IsHalted || state == TaskState.Stopped)
        {
            return false;
        }

        _ended++;
        _failed += state is TaskState.Failed or TaskState.TimedOut ? 1 : 0;
        return Limit?.IsReached(_failed, _ended) == true;
    }

    internal DispatcherHaltedException CreateReason(string dispatcher) => new(string.Format(
        CultureInfo.InvariantCulture,
        "Dispatcher '{0}' has halted: {1} of {2} tasks failed or timed out, and MaxFailures is {3}.",
        dispatcher,
        _failed,
        _ended,
        Limit))
    {
        FailedCount = _failed,
    };
}
