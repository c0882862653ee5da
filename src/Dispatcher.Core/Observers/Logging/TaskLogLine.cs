using System.Text;

namespace Dispatching;

/// <summary>
/// The line of a task in a log: one JSON object, always with the same properties in the same order, and
/// <see langword="null"/> where there is no value.
/// </summary>
/// <remarks>
/// dispatcher, process (its id), id, name, input, state, attempt, queuedAt, startedAt, endedAt (ISO 8601, local time with
/// its offset), waitSeconds, durationSeconds, worker, exitCode, error, hadErrors, firstError, priority, group, computer (where it ran, if not here).
/// </remarks>
internal static class TaskLogLine
{
    internal const int LongestName = 1000;
    internal const int LongestError = 4000;

    private static readonly int s_process = CurrentProcess.Id;

    /// <summary>Writes the line, its end included.</summary>
    internal static void Append(StringBuilder target, DispatchTask task)
    {
        var line = new JsonLine(target);
        line.Add("dispatcher", LogText.Cut(task.Owner?.Name, LongestName));
        line.Add("process", s_process);
        line.Add("id", task.Id);
        line.Add("name", LogText.Cut(task.Name, LongestName));
        line.Add("input", task.LoggedInput);
        line.Add("state", task.State.ToString());
        line.Add("attempt", task.Attempt);
        line.Add("queuedAt", task.QueuedAt);
        line.Add("startedAt", task.StartedAt);
        line.Add("endedAt", task.EndedAt);
        line.Add("waitSeconds", task.WaitTime);
        line.Add("durationSeconds", task.Duration);
        line.Add("worker", task.Worker);
        line.Add("exitCode", task.ExitCode);
        line.Add("error", task.Exception is { } error ? LogText.Cut(task.DescribeError(error), LongestError) : null);
        line.Add("hadErrors", task.HadErrors);
        line.Add("firstError", LogText.Cut(task.DescribeFirstError(), LongestError));
        line.Add("priority", task.Priority);
        line.Add("group", LogText.Cut(task.Group, LongestName));
        line.Add("computer", LogText.Cut(task.ComputerName, LongestName));
        line.End();
    }
}
