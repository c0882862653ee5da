using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Has a dispatcher start no more tasks, until Resume-Dispatcher. What runs goes on.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "Dispatcher", DefaultParameterSetName = ByName)]
[OutputType(typeof(Dispatcher))]
public sealed class SuspendDispatcherCommand : DispatcherTargetCmdlet
{
    /// <summary>Write the dispatcher to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process(Dispatcher dispatcher) => Apply(
        dispatcher,
        () =>
        {
            dispatcher.Suspend();
            Block(dispatcher.Scheduler.Remote.WaitUntilRecalled);
        },
        PassThru);
}
