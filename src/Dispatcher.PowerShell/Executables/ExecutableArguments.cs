using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Arguments and variables of an executable, as text.</summary>
internal static class ExecutableArguments
{
    /// <exception cref="RuntimeException">A value has no text.</exception>
    internal static string[] ToText(IEnumerable<object?> values) => values.Select(ToText).ToArray();

    /// <summary>Arguments as text that the system can pass to a program.</summary>
    /// <exception cref="RuntimeException">A value has no text, or a null character in it.</exception>
    internal static string[] ToArguments(IEnumerable<object?> values)
    {
        string[] arguments = ToText(values);
        int bad = Array.FindIndex(arguments, ProgramCheck.HasNull);
        return bad < 0
            ? arguments
            : throw new RuntimeException("Argument " + (bad + 1).ToString(CultureInfo.InvariantCulture) + " holds a null character, which no program can be given. Give it by -StandardInput, or in a file.");
    }

    /// <exception cref="RuntimeException">The name or the value cannot be that of a variable.</exception>
    internal static KeyValuePair<string, string?> ToVariable(DictionaryEntry entry)
    {
        string name = ToText(entry.Key);
        string? value = entry.Value is null ? null : ToText(entry.Value);
        return EnvironmentBlock.FindFault(name, value) is { } fault
            ? throw new RuntimeException(fault)
            : new KeyValuePair<string, string?>(name, value);
    }

    /// <summary>
    /// The text of a value as PowerShell makes it, in the invariant culture, with members that scripts have added. That of a
    /// list is the texts of its elements, with blanks between them.
    /// </summary>
    /// <exception cref="RuntimeException">It has none but the name of its type.</exception>
    internal static string ToText(object? value) =>
        // The engine alone would make no text of a list inside a PSObject.
        PlainValue.Of(value) is IList list ? string.Join(" ", list.Cast<object?>().Select(ToTextOfOne)) : ToTextOfOne(value);

    private static string ToTextOfOne(object? value)
    {
        if (PlainValue.Of(value) is not { } plain)
        {
            return string.Empty;
        }

        if (plain is IList)
        {
            throw new RuntimeException("A list inside a list has no text that a program could read. Join its elements first, with -join for example.");
        }

        string text = (string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture);
        Type type = plain.GetType();
        return string.Equals(text, type.FullName, StringComparison.Ordinal) || string.Equals(text, type.ToString(), StringComparison.Ordinal)
            ? throw new RuntimeException("An object of type " + type + " has no text that a program could read. Make text of it first: with ConvertTo-Json, ConvertTo-Csv or Out-String, or give one of its properties.")
            : text;
    }
}
