using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>What the completers share: which names match the typed word, and how a name is quoted.</summary>
internal static class Completions
{
    /// <summary>Returns the items whose name begins with the word, or matches it where it has wildcards.</summary>
    /// <param name="items">The items, in the order of the results.</param>
    /// <param name="word">The typed word, with its quotation marks.</param>
    /// <param name="getName">Gets what is completed.</param>
    /// <param name="getToolTip">Gets the text that is shown beside it.</param>
    /// <param name="isPattern">Whether the parameter takes wildcards, so that those in a name have to be escaped.</param>
    internal static IEnumerable<CompletionResult> Select<T>(
        IEnumerable<T> items, string? word, Func<T, string> getName, Func<T, string> getToolTip, bool isPattern)
    {
        Func<string, bool> fits = GetFilter(Unquote(word));
        return items.Where(item => fits(getName(item)))
            .Select(item => new CompletionResult(
                Quote(isPattern ? WildcardPattern.Escape(getName(item)) : getName(item)), getName(item), CompletionResultType.ParameterValue, getToolTip(item)))
            .ToArray();
    }

    /// <summary>The word without the quotation marks around it, the last of which may be missing.</summary>
    internal static string Unquote(string? word) => (word ?? string.Empty).Trim('\'', '"');

    private static Func<string, bool> GetFilter(string word)
    {
        // A name that was completed before has its wildcard characters escaped.
        string plain = WildcardPattern.Unescape(word);
        bool Begins(string name) => name.StartsWith(word, StringComparison.OrdinalIgnoreCase) || name.StartsWith(plain, StringComparison.OrdinalIgnoreCase);

        // An open bracket is not a pattern yet, and may be part of a name.
        if (!WildcardPattern.ContainsWildcardCharacters(word))
        {
            return Begins;
        }

        var pattern = new NamePattern(word + "*");
        return name => Begins(name) || pattern.IsMatch(name);
    }

    private static string Quote(string name)
    {
        bool isPlain = char.IsLetterOrDigit(name[0]) && name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.');
        return isPlain ? name : "'" + CodeGeneration.EscapeSingleQuotedStringContent(name) + "'";
    }
}
