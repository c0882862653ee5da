using System;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Ends a dispatcher for good. Its queued tasks become Stopped.</summary>
[Cmdlet(VerbsCommon.Remove, "Dispatcher", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveDispatcherCommand : DispatcherTargetCmdlet
{
    /// <summary>Remove it although it is not stopped: its running tasks are stopped.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process(Dispatcher dispatcher)
    {
        if (dispatcher.Status != DispatcherStatus.Stopped && !Force)
        {
            WriteError(new ErrorRecord(
                new InvalidOperationException("Dispatcher '" + dispatcher.Name + "' is " + dispatcher.Status + ". Stop it first with Stop-Dispatcher, or give -Force to stop its running tasks and lose its queued ones."),
                ErrorIds.DispatcherNotStopped,
                ErrorCategory.InvalidOperation,
                dispatcher));
            return;
        }

        if (!this.Confirm(ActionText.Remove(dispatcher)))
        {
            return;
        }

        SessionDispatchers.Remove(dispatcher);
        Block(token => dispatcher.Quit(drain: false, Timeout.InfiniteTimeSpan, token));
        this.WarnOfLog(dispatcher);
    }
}
