using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Replays what tasks have written, each stream into the same stream, in the order written.</summary>
[Cmdlet(VerbsCommunications.Receive, "DispatchTask", DefaultParameterSetName = ById)]
[OutputType(typeof(PSObject))]
public sealed class ReceiveDispatchTaskCommand : DispatchTaskTargetCmdlet
{
    private readonly TaskWatch _watch = new(recordsToo: true);
    private readonly Queue<DispatchTask> _ordered = new();
    private readonly Dictionary<DispatchTask, int> _kept = [];

    /// <summary>Wait until the tasks have ended, and replay what they write as it comes.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Leave the records with the task, to be received again.</summary>
    [Parameter]
    public SwitchParameter Keep { get; set; }

    /// <summary>With -Wait: replay one task after the other, in the order given, instead of as they write.</summary>
    [Parameter]
    public SwitchParameter Ordered { get; set; }

    /// <summary>With -Wait: how long to wait at most; default as long as it takes. When it runs out, an error tells how many tasks have not ended.</summary>
    [Parameter]
    [Duration(DurationKind.Wait)]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (DispatchTask task in GetTargets())
        {
            if (!Wait)
            {
                Replay(task);
                continue;
            }

            if (Ordered)
            {
                _ordered.Enqueue(task);
            }

            _watch.Add(task);
        }

        // What is there already is written now: upstream may send more for a long time.
        if (Wait)
        {
            Pump(TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Wait)
        {
            return;
        }

        Pump(Timeout);
        int left = _watch.RunningCount;
        if (left > 0)
        {
            WriteError(new ErrorRecord(
                new TimeoutException(left + " of the tasks have not ended within " + Timeout.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture) + " s. They go on; receive them again for the rest."),
                ErrorIds.TasksNotEnded,
                ErrorCategory.OperationTimeout,
                targetObject: null));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _watch.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Replays what changes, until nothing can change any more or the time is up.</summary>
    private void Pump(TimeSpan timeout)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            TimeSpan left = timeout;
            if (timeout != System.Threading.Timeout.InfiniteTimeSpan)
            {
                left = timeout > clock.Elapsed ? timeout - clock.Elapsed : TimeSpan.Zero;
            }

            DispatchTask? changed = null;
            if (!Block(token => _watch.TryTakeChanged(left, token, out changed)) || changed is null)
            {
                return;
            }

            if (!Ordered)
            {
                Replay(changed);
            }

            ReplayOrdered();
        }
    }

    private void ReplayOrdered()
    {
        while (_ordered.Count > 0)
        {
            DispatchTask first = _ordered.Peek();
            bool isEnded = first.IsEnded;
            Replay(first);
            if (!isEnded)
            {
                return;
            }

            _ordered.Dequeue();
        }
    }

    private void Replay(DispatchTask task)
    {
        TaskRecord[] records = Keep ? task.GetRecords() : task.TakeRecords();
        int start = 0;
        if (Keep)
        {
            _kept.TryGetValue(task, out start);
            _kept[task] = records.Length;
        }

        for (int i = start; i < records.Length; i++)
        {
            TaskRecords.Replay(task, records[i], this);
        }
    }
}
