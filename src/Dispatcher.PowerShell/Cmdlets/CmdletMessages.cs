using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>What several cmdlets ask and warn of.</summary>
internal static class CmdletMessages
{
    /// <summary>Asks whether to go on, where the caller wants to be asked.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="action">A sentence that tells what would happen.</param>
    internal static bool Confirm(this Cmdlet cmdlet, string action) => cmdlet.ShouldProcess(action, action, "Confirm");

    /// <summary>Warns of output that nobody has received: what is lost, and what takes much memory. Each is told once.</summary>
    internal static void WarnOfUnreceived(this Cmdlet cmdlet, Dispatcher dispatcher)
    {
        Array.ForEach(dispatcher.Unreceived.TakeLargeWarnings(), cmdlet.WriteWarning);
        if (dispatcher.Unreceived.TakeForgottenWarning(dispatcher.Name, dispatcher.HistorySize) is { } warning)
        {
            cmdlet.WriteWarning(warning);
        }
    }

    /// <summary>Warns of lines that a dispatcher's log lacks, unless somebody was told of them already.</summary>
    internal static void WarnOfLog(this Cmdlet cmdlet, Dispatcher dispatcher)
    {
        if (dispatcher.Log?.TakeWarning() is { } warning)
        {
            cmdlet.WriteWarning(warning);
        }

        if (dispatcher.Scheduler.Journal?.TakeOmittedWarning() is { } omitted)
        {
            cmdlet.WriteWarning(omitted);
        }
    }
}
