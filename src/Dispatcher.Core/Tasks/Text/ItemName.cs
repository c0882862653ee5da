using System;
using System.Reflection;

namespace Dispatching;

/// <summary>The name of an item, for a log: what its own property Name or Id says.</summary>
internal static class ItemName
{
    /// <summary>The properties that name an item; the first that has a value counts.</summary>
    internal static readonly string[] Properties = ["Name", "Id"];

    /// <returns><see langword="null"/> for an item that has no such property, or none with a plain value.</returns>
    internal static string? Of(object? item, int longest) => item is null ? null : First(name => Read(item, name), longest);

    /// <summary>The text of the first of the properties that has a plain value.</summary>
    internal static string? First(Func<string, object?> read, int longest)
    {
        foreach (string name in Properties)
        {
            if (read(name) is { } value && LogText.OfPlain(value, longest) is { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }

    private static object? Read(object item, string name)
    {
        try
        {
            PropertyInfo? property = Array.Find(item.GetType().GetProperties(), one => string.Equals(one.Name, name, StringComparison.Ordinal) && one.GetIndexParameters().Length == 0);
            return property?.GetValue(item);
        }
        catch (Exception)
        {
            // The item's own code has failed, and a log is no reason not to send a task.
            return null;
        }
    }
}
