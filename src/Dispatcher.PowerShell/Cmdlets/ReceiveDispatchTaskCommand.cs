using System;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Replays what tasks have written, each stream into the same stream, in the order written.</summary>
[Cmdlet(VerbsCommunications.Receive, "DispatchTask", DefaultParameterSetName = ById)]
[OutputType(typeof(PSObject))]
public sealed class ReceiveDispatchTaskCommand : DispatchTaskTargetCmdlet
{
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

    private TaskStream Stream => _stream ??= new TaskStream(this, Ordered, Keep, WithTask);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (DispatchTask task in GetTargets())
        {
            if (Wait)
            {
                Stream.Add(task);
            }
            else
            {
                Stream.Replay(task);
            }
        }

        // What is there already is written now: upstream may send more for a long time.
        if (Wait)
        {
            Stream.Pump();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Wait)
        {
            return;
        }

        Stream.Pump(Timeout);
        int left = Stream.RunningCount;
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
        base.Dispose(disposing);
    }
}
