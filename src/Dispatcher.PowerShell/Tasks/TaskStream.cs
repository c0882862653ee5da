using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// What tasks write, on its way to the streams of a cmdlet or of a job: as it comes, or task by task in the order in
/// which they were added. One thread pumps.
/// </summary>
internal sealed class TaskStream : IDisposable
{
    private readonly Func<Func<CancellationToken, bool>, bool> _wait;
    private readonly TaskWatch _watch = new(recordsToo: true);
    private readonly Queue<DispatchTask>? _ordered;
    private readonly Dictionary<DispatchTask, int>? _kept;
    private readonly ITaskRecordSink _sink;
    private TaskProgress? _progress;
    private bool _isTotalKnown;
    private long _addedCount;
    private long _failedCount;

    /// <param name="sink">Where the records go.</param>
    /// <param name="wait">Makes a blocking call, with the token that ends it.</param>
    /// <param name="ordered">Whether one task comes after the other.</param>
    /// <param name="keep">Whether the records stay with the tasks.</param>
    internal TaskStream(ITaskRecordSink sink, Func<Func<CancellationToken, bool>, bool> wait, bool ordered, bool keep)
    {
        _sink = sink;
        _wait = wait;
        _ordered = ordered ? new() : null;
        _kept = keep ? [] : null;
    }

    /// <summary>How many tasks have not ended.</summary>
    internal int RunningCount => _watch.RunningCount;

    /// <summary>How many tasks are held back, or have not ended.</summary>
    internal int OpenCount => _ordered?.Count ?? _watch.RunningCount;

    /// <summary>The tasks that have not ended.</summary>
    internal DispatchTask[] Running => _watch.GetRunning();

    /// <summary>Whether a task that has been replayed was stopped.</summary>
    internal bool HasStopped { get; private set; }

    /// <summary>Whether a task that has been replayed failed or timed out.</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>Shows how far the tasks are. For a stream that one thread adds to and pumps.</summary>
    /// <param name="start">Begins to show it.</param>
    internal void ShowProgress(Func<Func<ProgressCounts>, TaskProgress?> start) => _progress = start(Count);

    /// <summary>Adds a task. Another thread may do so than the one that pumps.</summary>
    internal void Add(DispatchTask task)
    {
        if (_ordered is not null)
        {
            lock (_ordered)
            {
                _ordered.Enqueue(task);
            }
        }

        _addedCount++;
        _watch.Add(task);
    }

    /// <summary>Has a pump wait for tasks to come although there are none, until <see cref="CompleteAdding"/>.</summary>
    internal void ExpectMore() => _watch.ExpectMore(true);

    /// <summary>There will be no more tasks.</summary>
    internal void CompleteAdding()
    {
        _isTotalKnown = true;
        _watch.ExpectMore(false);
    }

    /// <summary>Writes what there is now, and does not wait. A task that writes without end does not hold it.</summary>
    internal void Pump()
    {
        for (int left = _watch.ChangedCount; left > 0 && PumpOne(TimeSpan.Zero); left--)
        {
        }

        _progress?.Update();
    }

    /// <summary>Writes what comes, until every task has ended or the time is up.</summary>
    internal void Pump(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            PumpUntil(() => false);
            return;
        }

        long start = Stopwatch.GetTimestamp();
        TimeSpan left = timeout;
        while (left > TimeSpan.Zero && PumpOne(left))
        {
            left = timeout - TimeSpan.FromSeconds((double)(Stopwatch.GetTimestamp() - start) / Stopwatch.Frequency);
        }

        Pump();
    }

    /// <summary>Writes what comes, until a condition holds that only a change of the tasks can make true.</summary>
    internal void PumpUntil(Func<bool> isDone)
    {
        while (!isDone() && PumpOne(Timeout.InfiniteTimeSpan))
        {
        }
    }

    /// <summary>Writes what one task has written so far.</summary>
    internal void Replay(DispatchTask task)
    {
        TaskRecord[] records = _kept is null ? task.TakeRecords() : task.GetRecords();
        int start = 0;
        if (_kept is not null)
        {
            _kept.TryGetValue(task, out start);
            _kept[task] = records.Length;
        }

        for (int i = start; i < records.Length; i++)
        {
            _sink.Write(task, records[i]);
        }

        HasStopped |= task.State == TaskState.Stopped;
        HasFailed |= task.State is TaskState.Failed or TaskState.TimedOut;
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private ProgressCounts Count() => new(
        _addedCount - _watch.RunningCount, _isTotalKnown ? _addedCount : null, Running.Count(task => task.State == TaskState.Running), _failedCount);

    private bool PumpOne(TimeSpan timeout)
    {
        DispatchTask? changed = null;
        if (_progress is { } progress && timeout != TimeSpan.Zero)
        {
            progress.Wait(timeout, slice => _wait(token => _watch.TryTakeChanged(slice, token, out changed)) || (_watch.RunningCount == 0 && _watch.ChangedCount == 0));
        }
        else
        {
            _wait(token => _watch.TryTakeChanged(timeout, token, out changed));
        }

        if (changed is null)
        {
            return false;
        }

        if (_ordered is null)
        {
            ReplayToEnd(changed);
        }
        else
        {
            ReplayInOrder(_ordered);
        }

        return true;
    }

    /// <summary>Writes what a task has written, and tells whether that was all.</summary>
    private bool ReplayToEnd(DispatchTask task)
    {
        // Asked first: what it writes after this it may have written before its end.
        bool isEnded = task.IsEnded;
        Replay(task);
        if (isEnded)
        {
            _failedCount += task.State is TaskState.Failed or TaskState.TimedOut ? 1 : 0;
            _sink.End(task);
        }

        return isEnded;
    }

    private void ReplayInOrder(Queue<DispatchTask> tasks)
    {
        while (TryPeek(tasks, out DispatchTask? first))
        {
            if (!ReplayToEnd(first!)) // There is one when it returns true.
            {
                return;
            }

            lock (tasks)
            {
                tasks.Dequeue();
            }
        }
    }

    private static bool TryPeek(Queue<DispatchTask> tasks, out DispatchTask? first)
    {
        lock (tasks)
        {
            first = tasks.Count > 0 ? tasks.Peek() : null;
            return first is not null;
        }
    }
}
