using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>
/// Completes the ids and the names of tasks: running ones first, then pending ones, each from the newest. For Wait- and
/// Stop-DispatchTask, only those that have not ended.
/// </summary>
public sealed class DispatchTaskCompleter : IArgumentCompleter
{
    private static readonly string[] s_forOpenTasks = ["Wait-DispatchTask", "Stop-DispatchTask"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        bool isOpenOnly = s_forOpenTasks.Any(name => commandName?.EndsWith(name, StringComparison.OrdinalIgnoreCase) == true);
        IEnumerable<DispatchTask> tasks = GetDispatchers(fakeBoundParameters?["Dispatcher"])
            .SelectMany(dispatcher => dispatcher.GetTasks())
            .Where(task => !isOpenOnly || !task.IsEnded)
            .OrderBy(GetRank)
            .ThenByDescending(task => task.Id);
        return string.Equals(parameterName, "Id", StringComparison.OrdinalIgnoreCase)
            ? Completions.Select(tasks, wordToComplete, task => task.Id.ToString(CultureInfo.InvariantCulture), GetToolTip, isPattern: false)
            : Completions.Select(tasks.GroupBy(task => task.Name, StringComparer.OrdinalIgnoreCase), wordToComplete, group => group.Key, GetToolTip, isPattern: true);
    }

    private static IEnumerable<Dispatcher> GetDispatchers(object? given)
    {
        object? value = PlainValue.Of(given);
        return value switch
        {
            Dispatcher dispatcher => [dispatcher],
            string name => SessionDispatchers.GetAll().Where(dispatcher => SessionDispatchers.IsNamed(dispatcher, name)),
            _ => SessionDispatchers.GetAll(),
        };
    }

    private static int GetRank(DispatchTask task) => task.State switch
    {
        TaskState.Running => 0,
        TaskState.Pending => 1,
        _ => 2,
    };

    private static string GetToolTip(DispatchTask task)
    {
        string duration = task.Duration is { } known ? ", " + DurationText.Format(known) : string.Empty;
        string error = task.Exception is { } exception ? ": " + exception.Message : string.Empty;
        return task.Name + ", " + task.State + duration + error;
    }

    private static string GetToolTip(IGrouping<string, DispatchTask> tasks)
    {
        DispatchTask[] all = [.. tasks];
        return all.Length == 1
            ? GetToolTip(all[0])
            : all.Length.ToString(CultureInfo.CurrentCulture) + " tasks: " + string.Join(", ", all.GroupBy(task => task.State).Select(group => group.Count() + " " + group.Key));
    }
}
