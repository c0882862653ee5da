using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <summary>
/// What a dispatcher's tasks have written and nobody has received, as far as somebody should be told: what is out of reach
/// since the dispatcher no longer remembers the task, and what takes much memory. Safe to use from any thread; its lock may
/// be taken inside the scheduler's lock, and the lock on a task's log inside it.
/// </summary>
internal sealed class UnreceivedOutput
{
    private readonly object _lock = new();

    // Weak: a task that nobody holds any more, and that may have filled much of the memory, has to go.
    private readonly List<WeakReference<DispatchTask>> _large = [];

    // Each warning begins another period: what it has told of is not counted again, nor taken off the next count.
    private int _period = 1;
    private long _forgotten;

    /// <summary>The dispatcher no longer remembers an ended task.</summary>
    internal void NoteForgotten(DispatchTask task)
    {
        if (!task.HasUnreceived)
        {
            return;
        }

        InterruptSafe.Enter(_lock);
        if (task.TrySetForgotten(_period))
        {
            _forgotten++;
        }

        Monitor.Exit(_lock);
    }

    /// <summary>Somebody who holds a task that was forgotten in a period has received it.</summary>
    internal void NoteReceived(int period)
    {
        InterruptSafe.Enter(_lock);
        if (period == _period)
        {
            _forgotten--;
        }

        Monitor.Exit(_lock);
    }

    /// <summary>A task has written very much.</summary>
    internal void NoteLarge(DispatchTask task)
    {
        InterruptSafe.Enter(_lock);
        _large.Add(new WeakReference<DispatchTask>(task));
        Monitor.Exit(_lock);
    }

    /// <summary>Sentences about tasks that have written very much, each once.</summary>
    internal string[] TakeLargeWarnings()
    {
        lock (_lock)
        {
            // One that was received meanwhile has told of it itself.
            var warnings = new List<string>();
            foreach (WeakReference<DispatchTask> large in _large)
            {
                if (large.TryGetTarget(out DispatchTask? task) && task.HasUnreceived)
                {
                    warnings.Add(TaskOutput.DescribeLarge(task));
                }
            }

            _large.Clear();
            return [.. warnings];
        }
    }

    /// <summary>A sentence about what is out of reach since the last one; <see langword="null"/> if there is nothing.</summary>
    internal string? TakeForgottenWarning(string dispatcher, int historySize)
    {
        long count;
        lock (_lock)
        {
            count = _forgotten;
            _forgotten = 0;
            _period++;
        }

        return count <= 0 ? null : string.Format(
            CultureInfo.InvariantCulture,
            "The output of {0} ended task{1} was not received, and dispatcher '{2}' no longer remembers {3}: its HistorySize is {4}. It is lost unless a variable holds the task{1}. Keep what Send-DispatchTask returns and receive that, receive more often, or give New-Dispatcher a larger -HistorySize.",
            count,
            count == 1 ? string.Empty : "s",
            dispatcher,
            count == 1 ? "it" : "them",
            historySize);
    }
}
