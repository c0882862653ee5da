using System;
using System.Globalization;

namespace Dispatching.PowerShell;

/// <summary>How a task has ended at an agent.</summary>
/// <param name="Id">The task.</param>
/// <param name="State">Its final state there.</param>
/// <param name="ExitCode">Its exit code, if it has one.</param>
/// <param name="Cause">What kind of error ended it.</param>
/// <param name="IsAbandoned">Whether its code did not end, and still runs there.</param>
internal sealed record WireEnd(long Id, TaskState State, int? ExitCode, WireCause Cause, bool IsAbandoned)
{
    internal static WireEnd Of(AgentTask task) => new(task.Id, task.Task.State, task.Task.ExitCode, GetCause(task.Task.Exception), task.IsAbandoned);

    internal static WireEnd Decode(string text)
    {
        string[] parts = text.Split(':');
        return new WireEnd(
            long.Parse(parts[0], CultureInfo.InvariantCulture),
            (TaskState)int.Parse(parts[1], CultureInfo.InvariantCulture),
            parts[2].Length == 0 ? null : int.Parse(parts[2], CultureInfo.InvariantCulture),
            (WireCause)int.Parse(parts[3], CultureInfo.InvariantCulture),
            string.Equals(parts[4], "1", StringComparison.Ordinal));
    }

    internal string Encode() => string.Format(CultureInfo.InvariantCulture, "{0}:{1}:{2}:{3}:{4}", Id, (int)State, ExitCode, (int)Cause, IsAbandoned ? 1 : 0);

    private static WireCause GetCause(Exception? error) => error switch
    {
        WorkerSetupException => WireCause.Setup,
        ScriptExitException => WireCause.Exit,
        TaskErrorsException => WireCause.WroteErrors,
        ExecutableException { ExitCode: null } => WireCause.NotStarted,
        ExecutableException => WireCause.Program,
        _ => WireCause.Other,
    };
}
