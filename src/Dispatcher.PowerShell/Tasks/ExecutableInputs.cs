using System.Collections;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>Makes the standard input of an executable of what a user gives: text, lines, bytes, a file, or a block that makes one of these.</summary>
internal static class ExecutableInputs
{
    internal static ExecutableInput? From(object? value, Encoding encoding)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        switch (plain)
        {
            case null:
                return null;
            case FileInfo file:
                return ExecutableInput.FromFile(file.FullName);
            case byte[] bytes:
                return ExecutableInput.FromBytes(bytes);
            case IEnumerable items and not (string or IDictionary):
                return FromMany(items.Cast<object?>().Select(item => item is PSObject one ? one.BaseObject : item).ToArray(), encoding);
            default:
                return ExecutableInput.FromText(ExecutableArguments.ToText(plain), encoding);
        }
    }

    private static ExecutableInput? FromMany(object?[] items, Encoding encoding)
    {
        if (items.Length == 0)
        {
            return null;
        }

        return items.All(item => item is byte)
            ? ExecutableInput.FromBytes(items.Cast<byte>().ToArray())
            : ExecutableInput.FromLines(ExecutableArguments.ToText(items), encoding);
    }
}
