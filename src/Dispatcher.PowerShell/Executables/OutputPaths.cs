using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Dispatching.PowerShell;

/// <summary>The files that the items of one call write to. Two items in one file would overwrite each other.</summary>
internal sealed class OutputPaths
{
    private static readonly StringComparer s_comparer = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
    private readonly HashSet<string>? _taken;

    /// <param name="isShared">Whether items may share a file, since each adds to it.</param>
    internal OutputPaths(bool isShared) => _taken = isShared
        ? null
        : new HashSet<string>(s_comparer);

    /// <summary>A program that reads the file it writes finds it empty, or never ends.</summary>
    /// <exception cref="ItemValueException">The file that an item reads is one that it writes.</exception>
    internal static void CheckInput(string? input, string? output, string? error)
    {
        string? parameter = input is null || IsDevice(input) ? null : s_comparer.Equals(input, output) ? "OutputFile" : s_comparer.Equals(input, error) ? "ErrorFile" : null;
        if (parameter is not null)
        {
            throw new ItemValueException("-" + parameter + " is '" + input + "', which the program also reads as its -StandardInput. Give it another file, and rename that one afterwards.", ErrorIds.FileInUse);
        }
    }

    /// <summary>Registers the files of an item, which may be one and the same.</summary>
    /// <exception cref="ItemValueException">Another item has one of them.</exception>
    internal void Add(string? output, string? error, bool isPerItem, bool isErrorPerItem)
    {
        Check(output, "OutputFile", isPerItem);
        Check(error, "ErrorFile", isErrorPerItem);
        Take(output);
        Take(error);
    }

    private void Check(string? path, string parameter, bool isPerItem)
    {
        if (path is not null && _taken?.Contains(path) == true)
        {
            throw new ItemValueException(
                "-" + parameter + " is '" + path + "' for more than one item, and the last would replace what the others wrote. "
                    + (isPerItem ? "Have its script block make another path for each item" : "Give it a script block that makes a path for each item, such as { \"$_.txt\" }") + ", or use -Append.",
                isPerItem ? ErrorIds.FileInUse : ErrorIds.FileForSeveralItems);
        }
    }

    private void Take(string? path)
    {
        if (path is not null && !IsDevice(path))
        {
            _taken?.Add(path);
        }
    }

    // Devices, such as /dev/null, store nothing that could be replaced.
    private static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith(@"\\.\", StringComparison.Ordinal);
}
