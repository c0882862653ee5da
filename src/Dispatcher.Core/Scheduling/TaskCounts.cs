using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>How many tasks of a scheduler are in each state. The scheduler's lock guards it.</summary>
internal sealed class TaskCounts
{
    private readonly object _lock;
    private readonly long[] _counts = new long[(int)TaskState.Stopped + 1];
    private long _sent;
    private long _rejected;

    internal TaskCounts(object schedulerLock) => _lock = schedulerLock;

    internal long Pending => _counts[(int)TaskState.Pending];

    internal long Running => _counts[(int)TaskState.Running];

    /// <summary>Whether every task that was accepted has ended.</summary>
    internal bool AreAllEnded => Pending == 0 && Running == 0;

    /// <summary>Whether each task that was accepted is in one state.</summary>
    internal bool AddUp
    {
        get
        {
            long sum = 0;
            foreach (long count in _counts)
            {
                sum += count;
            }

            return sum == _sent;
        }
    }

    internal void Accept()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _sent++;
        _counts[(int)TaskState.Pending]++;
    }

    internal void Reject() => _rejected++;

    internal void Move(TaskState from, TaskState to)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _counts[(int)from]--;
        _counts[(int)to]++;
    }

    internal DispatcherStatistics ToStatistics() => new()
    {
        Sent = _sent,
        Pending = Pending,
        Running = Running,
        Completed = _counts[(int)TaskState.Completed],
        Failed = _counts[(int)TaskState.Failed],
        TimedOut = _counts[(int)TaskState.TimedOut],
        Stopped = _counts[(int)TaskState.Stopped],
        Rejected = _rejected,
    };
}
