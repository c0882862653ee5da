using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Pipeline = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell;

/// <summary>Sets up the runspace of a worker after it was opened, and cleans up before it closes. On the worker's thread.</summary>
internal sealed class WorkerSetup
{
    // Has an end, since a module may itself run tasks while it is imported, or hang.
    private static readonly ImportTurns s_imports = new(TimeSpan.FromMinutes(1));

    // That of a task.
    private static readonly TimeSpan s_cleanupTimeout = Dispatcher.DefaultTaskTimeout;

    private readonly WorkerSettings _settings;
    private readonly WorkerPipelines _pipelines;
    private bool _isCleanedUp;

    internal WorkerSetup(WorkerSettings settings, WorkerPipelines pipelines)
    {
        _settings = settings;
        _pipelines = pipelines;
    }

    /// <summary>Imports the modules, and runs the initialization script.</summary>
    /// <exception cref="WorkerSetupException">One of them failed.</exception>
    internal void Initialize(Runspace runspace)
    {
        if (_settings.Modules.Count > 0)
        {
            s_imports.Run(_settings.Modules, () =>
            {
                foreach (string module in _settings.Modules)
                {
                    Guard("Module '" + module + "' could not be imported", () => _pipelines.Invoke(CreateImport(module), runspace));
                }
            });
        }

        if (_settings.Initialization is { } script)
        {
            Guard("The initialization script failed", () => _pipelines.Invoke(script, runspace));
        }
    }

    /// <summary>Runs the clean-up script, once, where the runspace can still run one.</summary>
    /// <param name="runspace">The runspace.</param>
    /// <param name="requestStop">Stops the script when it takes too long.</param>
    internal void CleanUp(Runspace runspace, Action requestStop)
    {
        if (_settings.Cleanup is not { } script || _isCleanedUp || runspace.RunspaceStateInfo.State != RunspaceState.Opened)
        {
            return;
        }

        _isCleanedUp = true;
        using var watchdog = new Watchdog(s_cleanupTimeout, requestStop);
        try
        {
            _pipelines.Invoke(script, runspace);
        }
        catch (Exception)
        {
            // The worker ends all the same, and there is nobody left to tell.
        }
    }

    private static Pipeline CreateImport(string module) =>
        Pipeline.Create().AddCommand("Import-Module").AddParameter("Name", module).AddParameter("ErrorAction", ActionPreference.Stop);

    private static void Guard(string failure, Action step)
    {
        try
        {
            step();
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new WorkerSetupException(failure + " in a worker: " + (e.ErrorRecord?.Exception ?? e).Message, e);
        }
    }
}
