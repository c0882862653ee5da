using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>Completes the names and the paths of modules, as for Import-Module.</summary>
public sealed class ModuleCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string input = "Import-Module -Name " + wordToComplete;
        return CommandCompletion.CompleteInput(input, input.Length, options: null).CompletionMatches;
    }
}
