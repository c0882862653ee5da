using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The last command of a worker's pipeline: takes each output object as it is written, on the worker's thread.</summary>
[Cmdlet(VerbsCommunications.Receive, "DispatcherTaskOutput")]
internal sealed class ReceiveTaskOutputCommand : Cmdlet
{
    internal const string Name = "Receive-DispatcherTaskOutput";

    private RunspaceHost? _host;

    /// <summary>What a task wrote.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _host = RunspaceHost.Current;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _host?.WriteOutput(InputObject);
}
