using System.Globalization;

namespace Dispatching.PowerShell;

/// <summary>What -WhatIf, -Confirm and -Verbose say that a cmdlet would do.</summary>
internal static class ActionText
{
    internal static string Stop(Dispatcher dispatcher, bool drain, bool force)
    {
        DispatcherStatistics counts = dispatcher.Statistics;
        string named = "Stop dispatcher '" + dispatcher.Name + "'";
        if (drain)
        {
            return named + (counts.Running + counts.Pending == 0 ? ", which has no task to finish." : " when all its tasks have ended: " + Open(counts) + ".");
        }

        string running = counts.Running == 0 ? ", which runs no task" : force ? " and its " + Tasks(counts.Running, "running") : " after its " + Tasks(counts.Running, "running");
        return named + running + (counts.Pending == 0 ? "." : "; " + Tasks(counts.Pending, "queued") + (counts.Pending == 1 ? " stays" : " stay") + " queued.");
    }

    internal static string Remove(Dispatcher dispatcher)
    {
        DispatcherStatistics counts = dispatcher.Statistics;
        long open = counts.Running + counts.Pending;
        return "Remove dispatcher '" + dispatcher.Name + "'" + (open == 0 ? "." : "; its " + Open(counts) + (open == 1 ? " ends" : " end") + " as Stopped.");
    }

    internal static string Stop(DispatchTask task)
    {
        string doing = task.State == TaskState.Running && task.Duration is { } duration ? ", which has run for " + DurationText.Format(duration) : ", which is " + task.State;
        return "Stop task " + task.Id.ToString(CultureInfo.InvariantCulture) + " '" + task.Name + "'" + doing + ".";
    }

    private static string Open(DispatcherStatistics counts) => (counts.Running, counts.Pending) switch
    {
        (0, _) => Tasks(counts.Pending, "queued"),
        (_, 0) => Tasks(counts.Running, "running"),
        _ => Tasks(counts.Running, "running") + " and " + Tasks(counts.Pending, "queued"),
    };

    private static string Tasks(long count, string what) =>
        count.ToString(CultureInfo.CurrentCulture) + " " + what + (count == 1 ? " task" : " tasks");
}
