using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Xml;

namespace Dispatching.PowerShell;

/// <summary>Makes the standard input of an executable from what a user gives: text, lines, bytes, or a file.</summary>
internal static class ExecutableInputs
{
    /// <exception cref="RuntimeException">The value cannot be read by a program.</exception>
    internal static ExecutableInput? From(object? value, Encoding encoding)
    {
        object? plain = PlainValue.Of(value);
        switch (plain)
        {
            case null:
                return null;
            case FileInfo file:
                return ExecutableInput.FromFile(file.FullName);
            case byte[] bytes:
                return ExecutableInput.FromBytes(bytes);
            case IEnumerable items and not (string or IDictionary or XmlNode):
                return FromMany(items.Cast<object?>().ToArray(), encoding);
            default:
                return ExecutableInput.FromText(ToText(value), encoding);
        }
    }

    private static ExecutableInput? FromMany(object?[] items, Encoding encoding)
    {
        if (items.Length == 0)
        {
            return null;
        }

        // Bytes come one by one, or in arrays, as Get-Content -AsByteStream -ReadCount writes them.
        return items.All(item => PlainValue.Of(item) is byte or byte[] || IsBytes(PlainValue.Of(item)))
            ? ExecutableInput.FromBytes(items.SelectMany(item => ToBytes(PlainValue.Of(item)!)).ToArray())
            : ExecutableInput.FromLines(items.Select(ToText).ToArray(), encoding);
    }

    private static bool IsBytes(object? value) => value is IList { Count: > 0 } list && list.Cast<object?>().All(element => PlainValue.Of(element) is byte);

    private static IEnumerable<byte> ToBytes(object value) => value switch
    {
        byte one => [one],
        byte[] block => block,
        _ => ((IList)value).Cast<object?>().Select(element => (byte)PlainValue.Of(element)!), // Each of them is one.
    };

    private static string ToText(object? value) => PlainValue.Of(value) switch
    {
        FileInfo => throw new RuntimeException("Only one file can be the input, and there are several values. For the names of files, give their FullName; for their text, what Get-Content writes."),
        DirectoryInfo folder => throw new RuntimeException("'" + folder.FullName + "' is a folder, which has no content to read. Give a file, or for the names of its files, their FullName."),
        Stream or TextReader => throw new RuntimeException("A stream or reader cannot be shared with a program. Give a file from Get-Item, or read it first and give its bytes or its text."),
        IDictionary => throw new RuntimeException("A hashtable has no text that a program could read. Make text of it first, with ConvertTo-Json for example."),
        XmlNode node => node.OuterXml,
        _ => ExecutableArguments.ToText(value),
    };
}
