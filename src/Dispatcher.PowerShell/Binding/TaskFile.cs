using System.IO;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A file as the parameters -OutputFile and -ErrorFile take it: a path, or a block that makes the path of each item.</summary>
public sealed class TaskFile
{
    private readonly ScriptBlock? _block;
    private readonly string? _path;

    /// <summary>A path of the file system, as PowerShell knows it.</summary>
    public TaskFile(string path) => _path = path;

    /// <summary>A file.</summary>
    public TaskFile(FileInfo file) => _path = file?.FullName;

    /// <summary>A block that makes the path of each item, which it finds in <c>$_</c>.</summary>
    public TaskFile(ScriptBlock block) => _block = block;

    /// <summary>Whether each item has its own.</summary>
    internal bool IsPerItem => _block is not null;

    /// <inheritdoc/>
    public override string ToString() => _path ?? _block?.ToString() ?? string.Empty;

    /// <summary>The full path for an item.</summary>
    /// <param name="session">Where a path begins that is not whole.</param>
    /// <param name="item">The item.</param>
    /// <param name="parameter">The parameter it was given for, to be named in errors.</param>
    /// <exception cref="RuntimeException">The block has failed, or the path is not one of the file system.</exception>
    internal string GetPath(SessionState session, object? item, string? parameter = null)
    {
        string what = parameter is null ? "The file" : "-" + parameter;
        string path = _block is null ? _path ?? string.Empty : string.Concat(ExecutableArguments.ForItem(_block, item));
        if (path.Length == 0)
        {
            throw new RuntimeException(what + " has no path: it is empty, or its script block wrote nothing.");
        }

        string full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        return string.Equals(provider.Name, "FileSystem", System.StringComparison.OrdinalIgnoreCase)
            ? full
            : throw new RuntimeException(what + " needs a path of the file system, and '" + path + "' is none.");
    }
}
