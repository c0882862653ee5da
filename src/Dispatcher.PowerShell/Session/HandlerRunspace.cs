using System;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>
/// An empty runspace for a thread that raises events, until disposed of. A script block that is a handler runs in the
/// runspace it comes from, when that has a moment; but the engine takes it there only from a thread that has a runspace of
/// its own.
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
