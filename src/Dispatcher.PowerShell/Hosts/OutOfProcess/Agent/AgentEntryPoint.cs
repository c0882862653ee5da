using System.ComponentModel;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Where a worker process begins. Public for its script alone: it is of no use elsewhere.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class AgentEntryPoint
{
    /// <summary>The cmdlet that runs the tasks which come in through its input.</summary>
    public static CmdletInfo Command { get; } = new("Invoke-DispatcherAgent", typeof(InvokeDispatcherAgentCommand));
}
