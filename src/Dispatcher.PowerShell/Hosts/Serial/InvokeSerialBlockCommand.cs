using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The one command of the pipeline that a serial task runs in: it gives the block a cmdlet to be called from.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "SerialBlock")]
internal sealed class InvokeSerialBlockCommand : PSCmdlet
{
    internal const string Name = "Invoke-SerialBlock";

    /// <summary>What to do.</summary>
    [Parameter(Mandatory = true)]
    public Action<PSCmdlet>? Action { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Action?.Invoke(this);
}
