using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>Completes the names of variables, without the dollar sign: with it, PowerShell passes the value.</summary>
public sealed class VariableCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        // The engine also returns those of drives such as env:.
        string word = Completions.Unquote(wordToComplete).TrimStart('$');
        IEnumerable<CompletionResult> found = CompletionCompleters.CompleteVariable(word).Where(result => result.ListItemText.IndexOf(':') < 0);
        return Completions.Select(found, word, result => result.ListItemText.TrimStart('$'), result => result.ToolTip, isPattern: false);
    }
}
