using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Has a dispatcher run what is queued, and what will be sent.</summary>
[Cmdlet(VerbsLifecycle.Start, "Dispatcher", DefaultParameterSetName = ByName)]
[OutputType(typeof(Dispatcher))]
public sealed class StartDispatcherCommand : DispatcherTargetCmdlet
{
    /// <summary>Write the dispatcher to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process(Dispatcher dispatcher) => Apply(dispatcher, dispatcher.Run, PassThru);
}
