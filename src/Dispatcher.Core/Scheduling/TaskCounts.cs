using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Dispatching;

/// <summary>How many tasks of a scheduler are in each state. The scheduler's lock guards it.</summary>
internal sealed class TaskCounts
{
    private readonly object _lock;
    private long _sent;
    private long _pending;
    private long _running;
    private long _completed;
    private long _failed;
    private long _timedOut;
    private long _stopped;
    private long _rejected;
    private long _fromJournal;

    internal TaskCounts(object schedulerLock) => _lock = schedulerLock;

    internal long Pending => _pending;

    internal long Running => _running;

    /// <summary>Whether every task that was accepted has ended.</summary>
    internal bool AreAllEnded => _pending == 0 && _running == 0;

    /// <summary>Whether each task that was accepted is in one state.</summary>
    internal bool AddUp => _sent == _pending + _running + _completed + _failed + _timedOut + _stopped;

    internal void Accept()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _sent++;
        _pending++;
    }

    internal void Reject() => _rejected++;

    /// <summary>A task is about to complete without having run.</summary>
    internal void AddFromJournal() => _fromJournal++;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Move(TaskState from, TaskState to)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        CountOf(from)--;
        CountOf(to)++;
    }

    internal DispatcherStatistics ToStatistics() => new()
    {
        Sent = _sent,
        Pending = _pending,
        Running = _running,
        Completed = _completed,
        Failed = _failed,
        TimedOut = _timedOut,
        Stopped = _stopped,
        Rejected = _rejected,
        FromJournal = _fromJournal,
    };

    // Inlined, it is one field where the state is a constant.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref long CountOf(TaskState state)
    {
        switch (state)
        {
            case TaskState.Pending:
                return ref _pending;
            case TaskState.Running:
                return ref _running;
            case TaskState.Completed:
                return ref _completed;
            case TaskState.Failed:
                return ref _failed;
            case TaskState.TimedOut:
                return ref _timedOut;
            default:
                return ref _stopped;
        }
    }
}
