using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>What -Serial makes of the other parameters of Invoke-DispatchTask.</summary>
internal static class SerialRun
{
    private static readonly string[] s_withoutEffect =
    [
        nameof(DispatcherParameters.MaxWorkers), nameof(DispatcherParameters.Module), nameof(DispatcherParameters.Function), nameof(DispatcherParameters.Variable),
        nameof(DispatcherParameters.InitializationScript), nameof(DispatcherParameters.CleanupScript), nameof(DispatcherParameters.ResetState), nameof(DispatcherParameters.MaxTasksPerWorker), nameof(DispatcherParameters.Isolation),
        nameof(DispatcherParameters.RateLimit), nameof(DispatcherParameters.GroupLimit), nameof(DispatcherParameters.StopGrace), nameof(DispatcherParameters.QueueSize),
    ];

    /// <summary>Takes the effect from parameters that have none with it, and says so. What contradicts it ends the cmdlet.</summary>
    internal static void Prepare(InvokeDispatchTaskCommand cmdlet, DispatcherParameters parameters, bool isSerial)
    {
        if (!isSerial)
        {
            return;
        }

        if (cmdlet.AsJob || cmdlet.Dispatcher is not null || parameters.Sessions.IsRemote)
        {
            string other = cmdlet.AsJob ? "-AsJob" : cmdlet.Dispatcher is not null ? "-Dispatcher" : cmdlet.HostName is not null ? "-HostName" : "-Session";
            cmdlet.Terminate(
                new PSArgumentException("-Serial runs the tasks in this session, one after the other, and " + other + " has them run elsewhere. Leave out one of the two."),
                ErrorIds.ConflictingParameters,
                ErrorCategory.InvalidArgument,
                target: null);
        }

        string[] unused = Array.FindAll(s_withoutEffect, cmdlet.MyInvocation.BoundParameters.ContainsKey);
        if (unused.Length > 0)
        {
            cmdlet.WriteVerbose("-Serial runs the tasks in this session. Without effect there: -" + string.Join(", -", unused) + ".");
        }

        parameters.IsSerial = true;
        parameters.StopGrace = TimeSpan.MaxValue;
        parameters.Module = null;
        parameters.Function = null;
        parameters.Variable = null;
        parameters.InitializationScript = null;
        parameters.CleanupScript = null;
        parameters.RateLimit = null;
        parameters.GroupLimit = null;
    }
}
