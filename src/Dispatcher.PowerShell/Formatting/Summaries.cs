using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// Tasks and dispatchers as flat objects of text, numbers and dates, for a file or another program: the hidden property
/// Summary, as in <c>(Get-DispatchTask).Summary | Export-Csv</c>. The objects themselves refer to records, exceptions and
/// each other. Only Dispatcher.Types.ps1xml calls it. Safe to use from any thread.
/// </summary>
public static class Summaries
{
    /// <summary>The summary of a task. Times are UTC, and null where there is none yet.</summary>
    public static PSObject Task(PSObject target)
    {
        var task = (DispatchTask)target.BaseObject;
        var summary = new PSObject();
        Add(summary, "Id", task.Id);
        Add(summary, "Name", task.Name);
        Add(summary, "Dispatcher", task.Dispatcher?.Name);
        Add(summary, "State", task.State.ToString());
        Add(summary, "PendingReason", task.PendingReason);
        Add(summary, "HadErrors", task.HadErrors);
        Add(summary, "ErrorMessage", task.Exception?.Message);
        Add(summary, "FirstError", task.FirstError);
        Add(summary, "ExitCode", task.ExitCode);
        Add(summary, "Attempt", task.Attempt);
        Add(summary, "Worker", task.Worker);
        Add(summary, "ComputerName", task.ComputerName);
        Add(summary, "QueuedAt", task.QueuedAt?.UtcDateTime);
        Add(summary, "StartedAt", task.StartedAt?.UtcDateTime);
        Add(summary, "EndedAt", task.EndedAt?.UtcDateTime);
        Add(summary, "WaitSeconds", task.WaitTime?.TotalSeconds);
        Add(summary, "DurationSeconds", task.Duration?.TotalSeconds);
        Add(summary, "Priority", task.Priority);
        Add(summary, "Group", task.Group);
        Add(summary, "DependsOn", string.Join(" ", task.DependsOn.Select(one => one.Id)));
        Add(summary, "DueAt", task.DueAt?.UtcDateTime);
        Add(summary, "Input", ViewText.Input(target));
        return summary;
    }

    /// <summary>The summary of a dispatcher, its counts included.</summary>
    public static PSObject Dispatcher(PSObject target)
    {
        var dispatcher = (Dispatcher)target.BaseObject;
        DispatcherStatistics counts = dispatcher.Statistics;
        var summary = new PSObject();
        Add(summary, "Id", dispatcher.Id);
        Add(summary, "Name", dispatcher.Name);
        Add(summary, "Status", dispatcher.Status.ToString());
        Add(summary, "WorkerCount", dispatcher.WorkerCount);
        Add(summary, "IdleWorkerCount", dispatcher.IdleWorkerCount);
        Add(summary, "MinWorkers", dispatcher.MinWorkers);
        Add(summary, "MaxWorkers", dispatcher.MaxWorkers);
        Add(summary, "Isolation", ViewText.Isolation(target).ToString());
        Add(summary, "HostName", ViewText.HostName(target) is { } hosts ? string.Join(" ", hosts) : null);
        Add(summary, "QueueSize", dispatcher.QueueSize);
        Add(summary, "QueueFullMode", dispatcher.QueueFullMode.ToString());
        Add(summary, "RateLimit", dispatcher.RateLimit?.ToString());
        Add(summary, "GroupLimit", dispatcher.GroupLimit?.ToString());
        Add(summary, "MaxFailures", dispatcher.MaxFailures?.ToString());
        Add(summary, "FailureAction", dispatcher.FailureAction.ToString());
        Add(summary, "FailOnError", SessionDispatchers.GetHome(dispatcher)?.FailOnError == true);
        Add(summary, "IsSuspended", dispatcher.IsSuspended);
        Add(summary, "HaltReason", dispatcher.HaltReason?.Message);
        Add(summary, "Sent", counts.Sent);
        Add(summary, "Pending", counts.Pending);
        Add(summary, "Running", counts.Running);
        Add(summary, "Completed", counts.Completed);
        Add(summary, "Failed", counts.Failed);
        Add(summary, "TimedOut", counts.TimedOut);
        Add(summary, "Stopped", counts.Stopped);
        Add(summary, "Rejected", counts.Rejected);
        return summary;
    }

    private static void Add(PSObject summary, string name, object? value) => summary.Properties.Add(new PSNoteProperty(name, value));
}
