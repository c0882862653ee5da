using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Stops tasks, and waits until they have stopped: pending ones at once, running ones within the dispatcher's StopGrace.</summary>
[Cmdlet(VerbsLifecycle.Stop, "DispatchTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(PSDispatchTask))]
public sealed class StopDispatchTaskCommand : DispatchTaskTargetCmdlet
{
    private readonly TaskWaiter _watch = new();

    /// <summary>Write the tasks to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    // Names may be shared, and a wildcard may match more than was meant: one call stops tasks of one dispatcher.
    private protected override bool NeedsDispatcher => true;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // With pipeline input, -InputObject is not bound yet.
        if (!MyInvocation.ExpectingInput && InputObject is null && Id is null && Name is null)
        {
            this.Terminate(
                new PSArgumentException("Say which tasks to stop, with -Id, -Name or -InputObject; -Name * stops all of a dispatcher."),
                ErrorIds.NoTaskNamed,
                ErrorCategory.InvalidArgument,
                target: null);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (DispatchTask task in GetTargets().Where(task => task.IsEnded || this.Confirm(ActionText.Stop(task))))
        {
            if (task.Stop())
            {
                _watch.Add(task);
            }

            if (PassThru)
            {
                WriteObject(task);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Block(token => _watch.WaitAll(Timeout.InfiniteTimeSpan, token));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _watch.Dispose();
        base.Dispose(disposing);
    }
}
