using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>Completes executables: those in the search path by their names, others by their paths.</summary>
public sealed class ProgramCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = Completions.Unquote(wordToComplete);
        IEnumerable<CompletionResult> files = CompletionCompleters.CompleteFilename(word);
        bool isPath = word.Length == 0 || word.IndexOfAny(['/', '\\', '.', '~', '$']) >= 0;
        return isPath ? files : CompletionCompleters.CompleteCommand(word, moduleName: null, CommandTypes.Application).Concat(files);
    }
}
