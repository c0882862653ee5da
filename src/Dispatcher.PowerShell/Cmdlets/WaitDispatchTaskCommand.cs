using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Waits until tasks have ended, and returns those that have.</summary>
[Cmdlet(VerbsLifecycle.Wait, "DispatchTask", DefaultParameterSetName = ById)]
[OutputType(typeof(PSDispatchTask))]
public sealed class WaitDispatchTaskCommand : DispatchTaskTargetCmdlet
{
    private readonly HashSet<DispatchTask> _known = [];
    private readonly List<DispatchTask> _tasks = [];
    private readonly TaskWatch _watch = new();

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
            Block(token => Any ? _watch.WaitAny(Timeout, token) : _watch.WaitAll(Timeout, token));
        }

        IEnumerable<DispatchTask> ended = _tasks.Where(task => task.IsEnded);
        WriteObject(Any ? ended.Take(1) : ended, enumerateCollection: true);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _watch.Dispose();
        base.Dispose(disposing);
    }
}
