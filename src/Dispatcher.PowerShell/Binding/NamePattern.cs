using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// A name, or a pattern with wildcards, as a parameter takes it. It is a pattern only where nothing has exactly this name.
/// A single <c>*</c> always means all.
/// </summary>
internal sealed class NamePattern
{
    private readonly string _text;
    private readonly WildcardPattern _pattern;

    internal NamePattern(string text)
    {
        _text = text;
        _pattern = new WildcardPattern(text, WildcardOptions.IgnoreCase);
        IsValid = TryMatch(string.Empty, out _);
    }

    /// <summary>Whether it can be a pattern. With a bracket that is not closed it cannot.</summary>
    internal bool IsValid { get; }

    /// <summary>Whether it means all, whatever their names.</summary>
    internal bool IsAll => string.Equals(_text, "*", StringComparison.Ordinal);

    /// <summary>Whether matching nothing is no error.</summary>
    internal bool HasWildcards => IsValid && WildcardPattern.ContainsWildcardCharacters(_text);

    /// <summary>What to add to an error about a name that nothing has.</summary>
    internal string Advice => IsValid
        ? string.Empty
        : " It is no pattern with wildcards either: '[' begins a set of characters, such as [a-c]*, and needs a ']'. Put ` before a '[' that is part of the name.";

    internal IReadOnlyList<T> Select<T>(IEnumerable<T> items, Func<T, string> getName)
    {
        T[] all = [.. items];
        if (IsAll)
        {
            return all;
        }

        T[] exact = Array.FindAll(all, item => string.Equals(getName(item), _text, StringComparison.OrdinalIgnoreCase));
        return exact.Length > 0 || !IsValid ? exact : Array.FindAll(all, item => _pattern.IsMatch(getName(item)));
    }

    /// <summary>Whether a name matches the pattern; <see langword="false"/> where it is none.</summary>
    internal bool IsMatch(string name) => TryMatch(name, out bool isMatch) && isMatch;

    private bool TryMatch(string name, out bool isMatch)
    {
        try
        {
            isMatch = _pattern.IsMatch(name);
            return true;
        }
        catch (WildcardPatternException)
        {
            isMatch = false;
            return false;
        }
    }
}
