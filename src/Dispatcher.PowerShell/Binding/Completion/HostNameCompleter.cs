using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>Completes the names of the hosts of the dispatchers of this session.</summary>
public sealed class HostNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Select(
            SessionDispatchers.GetAll().SelectMany(dispatcher => SessionDispatchers.GetHome(dispatcher)?.Sessions?.HostNames ?? []).Distinct(StringComparer.OrdinalIgnoreCase),
            wordToComplete,
            name => name,
            name => name,
            isPattern: false);
}
