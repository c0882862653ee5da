using System;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Replays what tasks have written, each stream into the same stream, in the order written.</summary>
[Cmdlet(VerbsCommunications.Receive, "DispatchTask", DefaultParameterSetName = ById)]
[OutputType(typeof(PSObject))]
public sealed class ReceiveDispatchTaskCommand : DispatchTaskTargetCmdlet
{
    private CmdletRecordSink? _sink;
    private TaskStream? _stream;

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

    /// <summary>Give each output object a property DispatchTask that names its task.</summary>
    [Parameter]
    public SwitchParameter WithTask { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (!Wait && MyInvocation.BoundParameters.TryGetValue(nameof(Timeout), out object? timeout))
        {
            this.RefuseWithoutEffect("-Timeout limits a wait, and without -Wait there is none. Give -Wait as well, or leave out -Timeout.", timeout);
        }

        if (!Wait && Ordered)
        {
            this.RefuseWithoutEffect("-Ordered is for output that comes while tasks run; without -Wait, each task is received in the order given. Give -Wait as well, or leave out -Ordered.", Ordered);
        }

        _sink = new CmdletRecordSink(this, WithTask);
        _stream = new TaskStream(_sink, Block, Ordered, Keep);
        if (Wait)
        {
            _stream.ShowProgress(_sink.StartProgress);
            _stream.ShowNotices(this);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_stream is not { } stream)
        {
            return;
        }

        foreach (DispatchTask task in GetTargets())
        {
            if (Wait)
            {
                stream.Add(task);
            }
            else
            {
                stream.Replay(task);
            }
        }

        // Writes what there is now: more input may take long to come.
        if (Wait)
        {
            stream.Pump();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Wait)
        {
            _stream?.CompleteAdding();
            _stream?.Pump(Timeout);
        }

        _sink?.End();
        WarnOfUnreceived();
        int left = Wait ? _stream?.RunningCount ?? 0 : 0;
        if (left > 0)
        {
            WriteError(new ErrorRecord(
                new TimeoutException(left + " of the tasks have not ended within " + Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture) + " s. They go on; receive them again for the rest."),
                ErrorIds.TasksNotEnded,
                ErrorCategory.OperationTimeout,
                targetObject: null));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _stream?.Dispose();
        _sink?.Abandon();
        base.Dispose(disposing);
    }
}
