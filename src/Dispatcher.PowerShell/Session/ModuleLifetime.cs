using System;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Ends a session's dispatchers when the module is removed from it.</summary>
public sealed class ModuleLifetime : IModuleAssemblyCleanup
{
    // Beyond the grace that tasks have: for threads to end, and killed processes to go.
    private static readonly TimeSpan s_afterGrace = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        foreach (Dispatcher dispatcher in SessionDispatchers.RemoveAll(Runspace.DefaultRunspace.InstanceId).ToArray())
        {
            dispatcher.Quit(drain: false, dispatcher.StopGrace + s_afterGrace, CancellationToken.None);
        }
    }
}
