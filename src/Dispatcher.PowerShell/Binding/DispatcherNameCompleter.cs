using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>Completes the names of this session's dispatchers.</summary>
public sealed class DispatcherNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = (wordToComplete ?? string.Empty).Trim('\'', '"');
        return SessionDispatchers.GetAll()
            .Where(dispatcher => dispatcher.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .OrderBy(dispatcher => dispatcher.Name, StringComparer.OrdinalIgnoreCase)
            .Select(dispatcher => new CompletionResult(
                Quote(dispatcher.Name), dispatcher.Name, CompletionResultType.ParameterValue, dispatcher.Name + ", " + dispatcher.Status))
            .ToArray();
    }

    private static string Quote(string name) => name.All(char.IsLetterOrDigit) ? name : "'" + CodeGeneration.EscapeSingleQuotedStringContent(name) + "'";
}
