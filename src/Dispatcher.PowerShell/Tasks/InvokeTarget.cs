using System;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The dispatcher of one call of Invoke-DispatchTask: its own, which is removed with this, or one that goes on.</summary>
internal sealed class InvokeTarget : IDisposable
{
    // What makes the runspace of a worker; an executable runs in none.
    private static readonly string[] s_runspaceParameters =
    [
        nameof(DispatcherParameters.Module), nameof(DispatcherParameters.Function), nameof(DispatcherParameters.Variable), nameof(DispatcherParameters.InitializationScript),
        nameof(DispatcherParameters.CleanupScript), nameof(DispatcherParameters.ResetState), nameof(DispatcherParameters.MaxTasksPerWorker), nameof(DispatcherParameters.Isolation),
    ];

    private static readonly string[] s_ownParameters =
        [nameof(DispatcherParameters.MaxWorkers), .. s_runspaceParameters, .. SessionParameters.Names, nameof(DispatcherParameters.LogPath), nameof(DispatcherParameters.LogInput),
         nameof(DispatcherParameters.JournalPath), nameof(DispatcherParameters.JournalOutput), nameof(DispatcherParameters.JournalOutputLimit),
         nameof(DispatcherParameters.RateLimit), nameof(DispatcherParameters.GroupLimit), nameof(DispatcherParameters.MaxFailures), nameof(DispatcherParameters.FailureAction),
         nameof(DispatcherParameters.StopGrace), nameof(DispatcherParameters.QueueSize), nameof(InvokeDispatchTaskCommand.TotalTimeout)];

    private bool _isHandedOver;
    private TotalTimeout? _totalTimeout;

    private InvokeTarget(Dispatcher dispatcher, bool isOwn)
    {
        Dispatcher = dispatcher;
        IsOwn = isOwn;
    }

    internal Dispatcher Dispatcher { get; }

    internal bool IsOwn { get; }

    /// <summary>The dispatcher where it is the call's own.</summary>
    internal Dispatcher? Own => IsOwn ? Dispatcher : null;

    /// <summary>Ends the cmdlet where a parameter sets up runspaces and an executable is to run, which uses none.</summary>
    internal static void CheckParameters(PSCmdlet cmdlet, string? filePath)
    {
        if (filePath is null)
        {
            return;
        }

        string[] unused = Array.FindAll(
            s_runspaceParameters, name => cmdlet.MyInvocation.BoundParameters.TryGetValue(name, out object? value) && value is not SwitchParameter { IsPresent: false });
        if (unused.Length > 0)
        {
            cmdlet.RefuseWithoutEffect(
                "-" + string.Join(", -", unused) + (unused.Length == 1 ? " sets" : " set") + " up the runspace that a script block runs in, and -FilePath runs a program, which has none. Leave out -" + string.Join(", -", unused)
                    + ", or start the program from a script block: { & '" + filePath.Replace("'", "''") + "' }.",
                cmdlet.MyInvocation.BoundParameters[unused[0]]);
        }
    }

    /// <summary>Creates a dispatcher for this call alone, and starts it.</summary>
    internal static InvokeTarget Create(PSCmdlet cmdlet, DispatcherParameters parameters)
    {
        var target = new InvokeTarget(parameters.Create(cmdlet, isHidden: true), isOwn: true);
        try
        {
            target.Dispatcher.Run();
            return target;
        }
        catch (Exception)
        {
            target.Dispose();
            throw;
        }
    }

    /// <summary>Uses a dispatcher that is there. One that does not run ends the cmdlet, as do parameters that set one up.</summary>
    internal static InvokeTarget Use(DispatcherLookupCmdlet cmdlet, DispatcherReference reference)
    {
        string[] unused = Array.FindAll(s_ownParameters, cmdlet.MyInvocation.BoundParameters.ContainsKey);
        if (unused.Length > 0)
        {
            cmdlet.Terminate(
                new PSArgumentException("-Dispatcher names a dispatcher that is set up already. Leave out -" + string.Join(", -", unused) + ", or give New-Dispatcher what they say; or leave out -Dispatcher, for one of its own."),
                ErrorIds.WorkerSettingsInvalid,
                ErrorCategory.InvalidArgument,
                target: null);
        }

        Dispatcher dispatcher = cmdlet.Resolve(reference);
        if (dispatcher.IsDisposed)
        {
            cmdlet.ThrowTerminatingError(CmdletErrors.Removed(dispatcher));
        }

        if (dispatcher.Status is DispatcherStatus.Stopped or DispatcherStatus.Stopping)
        {
            cmdlet.Terminate(
                new InvalidOperationException("Dispatcher '" + dispatcher.Name + "' is " + dispatcher.Status + ", so the tasks would never run. Start it first with Start-Dispatcher."),
                ErrorIds.DispatcherNotRunning,
                ErrorCategory.InvalidOperation,
                dispatcher);
        }

        return new InvokeTarget(dispatcher, isOwn: false);
    }

    /// <summary>Halts the dispatcher, which is the call's own, after so much time.</summary>
    internal void SetTotalTimeout(TimeSpan timeout) => _totalTimeout = new TotalTimeout(Dispatcher, timeout);

    /// <summary>No further task comes.</summary>
    internal void CompleteInput() => _totalTimeout?.CompleteInput();

    /// <summary>From now on somebody else removes it.</summary>
    internal void HandOver() => _isHandedOver = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsOwn && !_isHandedOver)
        {
            _totalTimeout?.Dispose();
            SessionDispatchers.Remove(Dispatcher);
        }
    }
}
