using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// What tasks write, on its way into the streams of one cmdlet: as it comes, or task by task in the order in which they
/// were added. Used by the cmdlet's own thread alone.
/// </summary>
internal sealed class TaskStream : IDisposable
{
    private readonly DispatcherCmdlet _cmdlet;
    private readonly TaskWatch _watch = new(recordsToo: true);
    private readonly Queue<DispatchTask>? _ordered;
    private readonly Dictionary<DispatchTask, int>? _kept;
    private readonly TaskRecords _records;

    internal TaskStream(DispatcherCmdlet cmdlet, bool ordered, bool keep, bool tag, bool endsOnSetupFailure = false)
    {
        _cmdlet = cmdlet;
        _ordered = ordered ? new() : null;
        _kept = keep ? [] : null;
        _records = new TaskRecords(cmdlet, tag) { EndsOnSetupFailure = endsOnSetupFailure };
    }

    /// <summary>How many tasks have not ended.</summary>
    internal int RunningCount => _watch.RunningCount;

    /// <summary>How many tasks are held back, or have not ended.</summary>
    internal int OpenCount => _ordered?.Count ?? _watch.RunningCount;

    internal void Add(DispatchTask task)
    {
        _ordered?.Enqueue(task);
        _watch.Add(task);
    }

    /// <summary>Writes what there is now, and does not wait.</summary>
    internal void Pump() => Pump(TimeSpan.Zero, isDone: null);

    /// <summary>Writes what comes, until every task has ended or the time is up.</summary>
    internal void Pump(TimeSpan timeout) => Pump(timeout, isDone: null);

    /// <summary>Writes what comes, until a condition holds that only a change of the tasks can make true.</summary>
    internal void PumpUntil(Func<bool> isDone) => Pump(Timeout.InfiniteTimeSpan, isDone);

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
            _records.Replay(task, records[i]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private void Pump(TimeSpan timeout, Func<bool>? isDone)
    {
        long start = Stopwatch.GetTimestamp();
        while (isDone is null || !isDone())
        {
            TimeSpan left = timeout;
            if (timeout > TimeSpan.Zero)
            {
                left = timeout - TimeSpan.FromSeconds((double)(Stopwatch.GetTimestamp() - start) / Stopwatch.Frequency);
                left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }

            DispatchTask? changed = null;
            if (!_cmdlet.Block(token => _watch.TryTakeChanged(left, token, out changed)) || changed is null)
            {
                return;
            }

            if (_ordered is null)
            {
                Replay(changed);
            }
            else
            {
                ReplayInOrder(_ordered);
            }
        }
    }

    private void ReplayInOrder(Queue<DispatchTask> tasks)
    {
        while (tasks.Count > 0)
        {
            DispatchTask first = tasks.Peek();
            bool isEnded = first.IsEnded;
            Replay(first);
            if (!isEnded)
            {
                return;
            }

            tasks.Dequeue();
        }
    }
}
