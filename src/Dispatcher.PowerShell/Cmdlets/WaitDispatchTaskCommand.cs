using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Waits until tasks have ended, and returns those that have.</summary>
[Cmdlet(VerbsLifecycle.Wait, "DispatchTask", DefaultParameterSetName = ById)]
[OutputType(typeof(PSDispatchTask))]
public sealed class WaitDispatchTaskCommand : DispatchTaskTargetCmdlet
{
    private readonly HashSet<DispatchTask> _known = [];
    private readonly List<DispatchTask> _tasks = [];
    private readonly TaskWaiter _watch = new();
    private ProgressRelay? _progress;
    private WaitNotices? _notices;

    /// <summary>How long to wait at most; default as long as it takes. When it runs out, only the tasks that have ended are returned.</summary>
    [Parameter]
    [Duration(DurationKind.Wait)]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Wait until one of them has ended, not all.</summary>
    [Parameter]
    public SwitchParameter Any { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (DispatchTask task in GetTargets().Where(_known.Add))
        {
            _tasks.Add(task);
            _watch.Add(task);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_tasks.Count > 0)
        {
            WaitNotices notices = _notices = new WaitNotices(this, _watch);
            _tasks.ForEach(notices.Follow);
            _progress = new ProgressRelay(this);
            TaskProgress? progress = TaskProgress.Start(_progress, Count);
            Block(token => progress is null ? Wait(Timeout, token) : progress.Wait(Timeout, slice => Wait(slice, token)));
            _progress.End();
        }

        IEnumerable<DispatchTask> ended = _tasks.Where(task => task.IsEnded);
        WriteObject(Any ? ended.Take(1) : ended, enumerateCollection: true);

        // After the tasks were written: the next command of the pipeline may have received their output.
        WarnOfUnreceived();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _notices?.Dispose();
        _watch.Dispose();
        _progress?.Abandon();
        base.Dispose(disposing);
    }

    private bool Wait(TimeSpan timeout, CancellationToken token)
    {
        bool WaitOnce(TimeSpan left) => Any ? _watch.WaitAny(left, token) : _watch.WaitAll(left, token);
        return _notices?.Wait(timeout, () => _tasks.Where(task => !task.IsEnded), Any, WaitOnce) ?? WaitOnce(timeout);
    }

    private ProgressCounts Count() => new(
        _tasks.Count(task => task.IsEnded),
        _tasks.Count,
        _tasks.Count(task => task.State == TaskState.Running),
        _tasks.Count(task => task.State == TaskState.Failed),
        _tasks.Count(task => task.State == TaskState.TimedOut));
}
