using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>Completes the names of this session's dispatchers.</summary>
public sealed class DispatcherNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Select(
            SessionDispatchers.GetAll().OrderBy(dispatcher => dispatcher.Name, StringComparer.OrdinalIgnoreCase),
            wordToComplete,
            dispatcher => dispatcher.Name,
            GetToolTip,
            isPattern: !string.Equals(parameterName, nameof(Dispatcher), StringComparison.OrdinalIgnoreCase));

    private static string GetToolTip(Dispatcher dispatcher)
    {
        DispatcherStatistics counts = dispatcher.Statistics;
        return string.Format(
            CultureInfo.CurrentCulture,
            "{0}: {1}, {2} of {3} workers, {4} tasks running, {5} pending",
            dispatcher.Name,
            dispatcher.Status,
            dispatcher.WorkerCount,
            dispatcher.MaxWorkers,
            counts.Running,
            counts.Pending);
    }
}
