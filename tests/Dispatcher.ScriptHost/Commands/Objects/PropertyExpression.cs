using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Microsoft.PowerShell.Commands;

namespace Dispatching.ScriptHost.Commands;

/// <summary>
/// One value of a -Property parameter: a name (wildcards allowed), a script block, or a table of
/// Name or Label, Expression, and Ascending or Descending.
/// </summary>
internal sealed class PropertyExpression
{
    private readonly string? _label;
    private readonly PSPropertyExpression _expression;

    private PropertyExpression(PSPropertyExpression expression, string? label, bool? descending)
    {
        _expression = expression;
        _label = label;
        Descending = descending;
    }

    /// <summary>The direction that the table asked for, or null when it did not.</summary>
    public bool? Descending { get; }

    public static List<PropertyExpression> Parse(IEnumerable<object> values) => [.. values.Select(Parse)];

    /// <summary>The named values of <paramref name="item"/>: none when it has no such property.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Values(PSObject item)
    {
        foreach (PSPropertyExpression resolved in _expression.ResolveNames(item))
        {
            foreach (PSPropertyExpressionResult result in resolved.GetValues(item))
            {
                yield return new(_label ?? resolved.ToString(), result.Exception is null ? result.Result : null);
            }
        }
    }

    /// <summary>The values to show: a property that is named and missing is null.</summary>
    public IEnumerable<KeyValuePair<string, object?>> ShownValues(PSObject item)
    {
        List<KeyValuePair<string, object?>> values = [.. Values(item)];
        return values.Count > 0 || _expression.HasWildCardCharacters ? values : [new(_label ?? _expression.ToString(), null)];
    }

    private static PropertyExpression Parse(object value)
    {
        object plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain is IDictionary table ? ParseTable(table) : new PropertyExpression(ParseExpression(plain), label: null, descending: null);
    }

    private static PropertyExpression ParseTable(IDictionary table)
    {
        string? label = null;
        object? expression = null;
        bool? descending = null;
        foreach (DictionaryEntry entry in table)
        {
            string key = entry.Key.ToString() ?? string.Empty;
            if (IsShortFor(key, "Name") || IsShortFor(key, "Label"))
            {
                label = entry.Value?.ToString();
            }
            else if (IsShortFor(key, "Expression"))
            {
                expression = entry.Value;
            }
            else if (IsShortFor(key, "Descending"))
            {
                descending = LanguagePrimitives.IsTrue(entry.Value);
            }
            else if (IsShortFor(key, "Ascending"))
            {
                descending = !LanguagePrimitives.IsTrue(entry.Value);
            }
            else
            {
                throw new PSArgumentException($"The key '{key}' is not known here.");
            }
        }

        return new PropertyExpression(ParseExpression(expression ?? throw new PSArgumentException("The table has no Expression.")), label, descending);
    }

    private static PSPropertyExpression ParseExpression(object value) =>
        value is ScriptBlock block ? new PSPropertyExpression(block) : new PSPropertyExpression(value.ToString());

    private static bool IsShortFor(string key, string name) =>
        key.Length > 0 && name.StartsWith(key, StringComparison.OrdinalIgnoreCase);
}
