using System;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>
/// An empty runspace for a thread that raises events. A handler that is a script block runs in its own runspace, when that
/// is idle; but the engine passes it there only from a thread that has a runspace as well.
/// </summary>
internal sealed class HandlerRunspace : IDisposable
{
    private readonly Runspace _runspace;

    internal HandlerRunspace()
    {
        _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.Create());
        _runspace.Name = "Dispatcher events";
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Runspace.DefaultRunspace = null;
        _runspace.Dispose();
    }
}
