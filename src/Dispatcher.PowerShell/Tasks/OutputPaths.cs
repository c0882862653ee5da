using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Dispatching.PowerShell;

/// <summary>The files that the items of one call write to. Two items in one file would overwrite each other.</summary>
internal sealed class OutputPaths
{
    private readonly HashSet<string>? _taken;

    /// <param name="isShared">Whether items may share a file, since each adds to it.</param>
    internal OutputPaths(bool isShared) => _taken = isShared
        ? null
        : new HashSet<string>(RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    /// <summary>Takes the files of an item, which may be one and the same.</summary>
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
        // Devices, such as /dev/null, keep nothing that could be replaced.
        if (path is not null && !path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith(@"\\.\", StringComparison.Ordinal))
        {
            _taken?.Add(path);
        }
    }
}
