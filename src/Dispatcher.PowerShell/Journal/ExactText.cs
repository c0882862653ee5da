using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Numerics;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// The text of values that have an exact one, the same in each run and each culture: strings, numbers, dates, GUIDs, enums,
/// URIs, paths of file system objects and the like, and tables, objects and lists of these. Each has a letter for its kind
/// and its length, so that no two of them give the same.
/// </summary>
internal static class ExactText
{
    private const int DeepestLevel = 20;

    /// <summary>Adds the text of a value. Returns whether it has one.</summary>
    internal static bool TryAppend(StringBuilder target, object? value, int level = 0)
    {
        if (level > DeepestLevel)
        {
            return false;
        }

        if (value is PSObject { BaseObject: PSCustomObject } custom)
        {
            return TryAppendTable(target, 'o', custom.Properties.Select(property => (property.Name, Get(property))), isOrdered: true, level);
        }

        value = PlainValue.Of(value);
        if (value is null)
        {
            target.Append("n0:");
            return true;
        }

        if (Simple(value) is { } simple)
        {
            Append(target, simple.Kind, simple.Text);
            return true;
        }

        return value switch
        {
            IOrderedDictionary table => TryAppendTable(target, 'q', Entries(table), isOrdered: true, level),
            IDictionary table => TryAppendTable(target, 'h', Entries(table), isOrdered: false, level),
            object[] or ArrayList or List<object> => TryAppendList(target, 'l', (IEnumerable)value, level),
            Array list => TryAppendList(target, 'y', new object[] { list.GetType().FullName ?? string.Empty }.Concat(list.Cast<object>()), level),
            _ => false,
        };
    }

    /// <summary>The text of a value for people, without its kind; <see langword="null"/> where it has none.</summary>
    internal static string? Of(object? value) => PlainValue.Of(value) is { } plain ? Simple(plain)?.Text : null;

    private static (char Kind, string Text)? Simple(object value) => value switch
    {
        string text => ('s', text),
        char character => ('k', character.ToString()),
        Enum name => ('e', name.GetType().FullName + "." + name),
        int number => ('i', number.ToString(CultureInfo.InvariantCulture)),
        sbyte or byte or short or ushort or uint or long or ulong or BigInteger => ('j', value.GetType().Name + " " + ((IFormattable)value).ToString("D", CultureInfo.InvariantCulture)),
        decimal number => ('m', number.ToString(CultureInfo.InvariantCulture)),
        double number => ('f', number.ToString("R", CultureInfo.InvariantCulture)),
        float number => ('r', number.ToString("R", CultureInfo.InvariantCulture)),
        bool flag => ('b', flag ? "true" : "false"),
        DateTime or DateTimeOffset => ('t', ((IFormattable)value).ToString("o", CultureInfo.InvariantCulture)),
        TimeSpan span => ('d', span.ToString("c", CultureInfo.InvariantCulture)),
        Guid guid => ('g', guid.ToString("D", CultureInfo.InvariantCulture)),
        Uri uri => ('u', uri.OriginalString),
        Version version => ('v', version.ToString()),
        IPAddress address => ('a', address.ToString()),
        FileSystemInfo file => ('p', file.FullName),
        PathInfo path => ('p', path.ProviderPath),
        ScriptBlock block => ('c', CodeText.Of(block.ToString())),
        _ => null,
    };

    private static IEnumerable<(string Name, object? Value)> Entries(IDictionary table)
    {
        foreach (DictionaryEntry entry in table)
        {
            var key = new StringBuilder();
            yield return TryAppend(key, entry.Key) ? (key.ToString(), entry.Value) : (string.Empty, table);
        }
    }

    private static object? Get(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            return property; // Which has no exact text.
        }
    }

    private static bool TryAppendTable(StringBuilder target, char kind, IEnumerable<(string Name, object? Value)> entries, bool isOrdered, int level)
    {
        var text = new StringBuilder();
        foreach ((string name, object? value) in isOrdered ? entries : entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            Append(text, 's', name);
            if (!TryAppend(text, value, level + 1))
            {
                return false;
            }
        }

        Append(target, kind, text.ToString());
        return true;
    }

    private static bool TryAppendList(StringBuilder target, char kind, IEnumerable values, int level)
    {
        var text = new StringBuilder();
        foreach (object? value in values)
        {
            if (!TryAppend(text, value, level + 1))
            {
                return false;
            }
        }

        Append(target, kind, text.ToString());
        return true;
    }

    private static void Append(StringBuilder target, char kind, string text) =>
        target.Append(kind).Append(text.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(text);
}
