using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>Makes CLIXML of what script blocks write, as Export-Clixml does, two levels deep.</summary>
internal sealed class CliXmlSerializer : IOutputSerializer
{
    private const int Depth = 2;
    private static readonly string s_listName = "Deserialized." + typeof(ListOf).FullName;

    /// <inheritdoc/>
    public object? Unwrap(object? value) =>
        value is PSObject { BaseObject: string or int or long or double or bool } wrapped ? wrapped.BaseObject : value;

    /// <inheritdoc/>
    public string Serialize(object?[] values) =>
        WithoutIndentation(values.Length == 1 ? PSSerializer.Serialize(values[0], Depth) : PSSerializer.Serialize(new ListOf(values), Depth + 1)); // The list is a level of its own.

    /// <inheritdoc/>
    public IEnumerable<object?> Deserialize(string text)
    {
        object? read = PSSerializer.Deserialize(text);
        return read is PSObject { BaseObject: ArrayList list } && ((PSObject)read).TypeNames.Contains(s_listName) ? list.Cast<object?>() : [read];
    }

    /// <summary>Inside of text, CLIXML writes a line end in another way.</summary>
    private static string WithoutIndentation(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            plain.Append(text, start, (end > start && text[end - 1] == '\r' ? end - 1 : end) - start);
            start = end + 1;
            while (start < text.Length && text[start] == ' ')
            {
                start++;
            }
        }

        return plain.ToString();
    }

    /// <summary>Tells a list of several objects from one object that is a list.</summary>
    private sealed class ListOf(object?[] values) : ArrayList(values);
}
