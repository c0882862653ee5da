using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Has a dispatcher start tasks again after Suspend-Dispatcher, or take tasks again after too many failures.</summary>
[Cmdlet(VerbsLifecycle.Resume, "Dispatcher", DefaultParameterSetName = ByName)]
[OutputType(typeof(Dispatcher))]
public sealed class ResumeDispatcherCommand : DispatcherTargetCmdlet
{
    /// <summary>Write the dispatcher to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process(Dispatcher dispatcher) => Apply(dispatcher, dispatcher.Resume, PassThru);
}
