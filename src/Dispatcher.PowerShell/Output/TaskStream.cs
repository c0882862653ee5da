using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Passes what tasks write to the streams of a cmdlet or of a job: as it comes, or task by task in the order in which they
/// were added. One thread pumps.
/// </summary>
internal sealed class TaskStream : IDisposable
{
    private readonly Func<Func<CancellationToken, bool>, bool> _wait;
    private readonly TaskEventQueue _events;
    private readonly Queue<DispatchTask>? _ordered;
    private readonly Dictionary<DispatchTask, int>? _kept;
    private readonly ITaskRecordSink _sink;
    private TaskProgress? _progress;
    private WaitNotices? _notices;
    private bool _isTotalKnown;
    private long _addedCount;
    private long _failedCount;
    private long _timedOutCount;
    private long _fromJournalCount;

    /// <param name="sink">Where the records go.</param>
    /// <param name="wait">Makes a blocking call with the token that cancels it.</param>
    /// <param name="ordered">Whether one task comes after the other.</param>
    /// <param name="keep">Whether the records stay with the tasks.</param>
    internal TaskStream(ITaskRecordSink sink, Func<Func<CancellationToken, bool>, bool> wait, bool ordered, bool keep)
    {
        _sink = sink;
        _wait = wait;
        _ordered = ordered ? new() : null;
        _kept = keep ? [] : null;
        _events = new TaskEventQueue(eachRecord: keep);
    }

    /// <summary>How many tasks have not ended.</summary>
    internal int RunningCount => _events.OpenCount;

    /// <summary>How many tasks have not ended, or are held back by -Ordered.</summary>
    internal int OpenCount => _ordered?.Count ?? _events.OpenCount;

    /// <summary>The tasks that have not ended.</summary>
    internal DispatchTask[] Running => _events.GetOpen();

    /// <summary>Whether a task that has been replayed was stopped.</summary>
    internal bool HasStopped { get; private set; }

    /// <summary>Whether a task that has been replayed failed or timed out.</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>Shows the progress of the tasks. For a stream that one thread adds to and pumps.</summary>
    /// <param name="start">Begins to show it.</param>
    internal void ShowProgress(Func<Func<ProgressCounts>, TaskProgress?> start) => _progress = start(Count);

    /// <summary>Has the waits write their warnings to a cmdlet. For a stream that one thread adds to and pumps.</summary>
    internal void ShowNotices(Cmdlet cmdlet) => _notices = new WaitNotices(cmdlet, _events);

    /// <summary>Adds a task. Any thread may do so.</summary>
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
        _notices?.Follow(task);
        _events.Add(task);
    }

    /// <summary>Until <see cref="CompleteAdding"/>, a pump waits for tasks although there are none.</summary>
    internal void ExpectMore() => _events.ExpectMore(true);

    /// <summary>There will be no more tasks.</summary>
    internal void CompleteAdding()
    {
        _isTotalKnown = true;
        _events.ExpectMore(false);
    }

    /// <summary>Writes what there is now, and does not wait. A task that writes without end cannot keep it here.</summary>
    internal void Pump()
    {
        for (int left = _events.EventCount; left > 0 && PumpOne(TimeSpan.Zero); left--)
        {
        }

        _progress?.Update();
    }

    /// <summary>Writes what comes, until every task has ended or the time is up.</summary>
    internal void Pump(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan left = timeout;
        while ((timeout == Timeout.InfiniteTimeSpan || left > TimeSpan.Zero) && PumpNext(left))
        {
            left = timeout == Timeout.InfiniteTimeSpan
                ? timeout
                : timeout - TimeSpan.FromSeconds((double)(Stopwatch.GetTimestamp() - start) / Stopwatch.Frequency);
        }

        Pump();
    }

    /// <summary>Waits until there is something to write, and writes what there is then.</summary>
    /// <returns><see langword="false"/> when the time is up, or every task has ended.</returns>
    internal bool PumpNext(TimeSpan timeout)
    {
        if (_events.EventCount == 0 && !PumpOne(timeout))
        {
            return false;
        }

        Pump();
        return true;
    }

    /// <summary>Writes what one task has written so far.</summary>
    internal void Replay(DispatchTask task)
    {
        int start = 0;
        _kept?.TryGetValue(task, out start);
        TaskRecord[] records = _kept is null ? task.TakeRecords() : task.GetRecords(start);
        if (_kept is not null)
        {
            _kept[task] = start + records.Length;
        }

        foreach (TaskRecord record in records)
        {
            TaskRecords.Write(_sink, task, record);
        }

        HasStopped |= task.State == TaskState.Stopped;
        HasFailed |= task.State is TaskState.Failed or TaskState.TimedOut;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _notices?.Dispose();
        _events.Dispose();
    }

    private ProgressCounts Count() => new(
        _addedCount - _events.OpenCount, _isTotalKnown ? _addedCount : null, Running.Count(task => task.State == TaskState.Running), _failedCount, _timedOutCount, _fromJournalCount);

    private bool PumpOne(TimeSpan timeout)
    {
        if (!TryTake(timeout, out DispatchTask? task, out bool isEnded))
        {
            return false;
        }

        if (_ordered is null)
        {
            ReplayToEnd(task!, isEnded); // There is one when it returns true.
        }
        else
        {
            ReplayInOrder(_ordered);
        }

        return true;
    }

    private bool TryTake(TimeSpan timeout, out DispatchTask? task, out bool isEnded) =>
        _events.TryTake(TimeSpan.Zero, CancellationToken.None, out task, out isEnded)
            || (timeout != TimeSpan.Zero && TryWait(timeout, out task, out isEnded));

    private bool TryWait(TimeSpan timeout, out DispatchTask? task, out bool isEnded)
    {
        DispatchTask? taken = null;
        bool takenIsEnded = false;
        bool Take(TimeSpan slice) => _wait(token => _events.TryTake(slice, token, out taken, out takenIsEnded));
        bool isTaken = WaitFor(timeout, slice => _notices?.Wait(slice, _events.GetOpen, any: false, Take) ?? Take(slice)) && taken is not null;
        task = taken;
        isEnded = takenIsEnded;
        return isTaken;
    }

    private bool WaitFor(TimeSpan timeout, Func<TimeSpan, bool> take) => _progress is { } progress
        ? progress.Wait(timeout, slice => take(slice) || (_events.OpenCount == 0 && _events.EventCount == 0))
        : take(timeout);

    private void ReplayToEnd(DispatchTask task, bool isEnded)
    {
        Replay(task);
        if (isEnded)
        {
            _failedCount += task.State == TaskState.Failed ? 1 : 0;
            _timedOutCount += task.State == TaskState.TimedOut ? 1 : 0;
            _fromJournalCount += task.FromJournal ? 1 : 0;
            _sink.End(task);
        }
    }

    private void ReplayInOrder(Queue<DispatchTask> tasks)
    {
        while (TryPeek(tasks, out DispatchTask? first))
        {
            // Read before the records: a task that ends between the two may have written more.
            bool isEnded = first!.IsEnded; // There is one when it returns true.
            ReplayToEnd(first, isEnded);
            if (!isEnded)
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
