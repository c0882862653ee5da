using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Stops a dispatcher, and waits until it has stopped.</summary>
[Cmdlet(VerbsLifecycle.Stop, "Dispatcher", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(Dispatcher))]
public sealed class StopDispatcherCommand : DispatcherTargetCmdlet
{
    private DispatcherStop? _stop;

    /// <summary>Finish everything first: what is queued, what runs, what waits for a retry, and what is sent meanwhile.</summary>
    [Parameter]
    public SwitchParameter Drain { get; set; }

    /// <summary>
    /// How long to wait at most; default as long as it takes. When it runs out, what runs is stopped, what is queued is
    /// kept, and an error tells how many there are of each. What does not end in its StopGrace then is left behind.
    /// </summary>
    [Parameter]
    [Duration(DurationKind.Wait)]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Stop the running tasks instead of waiting for them.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the dispatcher to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Drain && Force)
        {
            this.Terminate(
                new PSArgumentException("-Drain finishes all tasks and -Force stops them: give one of the two. To drain for a limited time, give -Drain and -Timeout."),
                ErrorIds.DrainWithForce,
                ErrorCategory.InvalidArgument,
                target: null);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _stop?.Dispose();
        base.Dispose(disposing);
    }

    private protected override void Process(Dispatcher dispatcher)
    {
        if (!this.Confirm(ActionText.Stop(dispatcher, Drain, Force)))
        {
            return;
        }

        if (Drain && dispatcher.Status == DispatcherStatus.Stopped && dispatcher.Statistics.Pending > 0)
        {
            WriteError(new ErrorRecord(
                new InvalidOperationException("Dispatcher '" + dispatcher.Name + "' is not running, so its " + dispatcher.Statistics.Pending + " queued tasks cannot be finished. Start it first with Start-Dispatcher."),
                ErrorIds.DispatcherNotRunning,
                ErrorCategory.InvalidOperation,
                dispatcher));
        }
        else
        {
            Stop(dispatcher);
            this.TellHalt(dispatcher);
            this.WarnOfLog(dispatcher);
            if (Drain)
            {
                this.WarnOfUnreceived(dispatcher);
            }
        }

        if (PassThru)
        {
            WriteObject(dispatcher);
        }
    }

    private void Stop(Dispatcher dispatcher)
    {
        try
        {
            _stop ??= new DispatcherStop(this, Drain, Force, Timeout);
            _stop.Stop(dispatcher);
        }
        catch (TimeoutException e)
        {
            WriteError(new ErrorRecord(e, ErrorIds.DispatcherStopTimedOut, ErrorCategory.OperationTimeout, dispatcher));
        }
    }
}
