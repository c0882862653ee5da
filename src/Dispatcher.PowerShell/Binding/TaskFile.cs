using System.Collections.ObjectModel;
using System.IO;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A file as the parameters -OutputFile and -ErrorFile take it: a path, or a block that makes the path of each item.</summary>
public sealed class TaskFile
{
    private readonly ScriptBlock? _block;
    private readonly string? _path;

    /// <summary>A path of the file system; drives and relative paths are those of the session.</summary>
    public TaskFile(string path) => _path = path;

    /// <summary>A file from Get-Item, or one that is not there yet.</summary>
    public TaskFile(FileInfo file) => _path = file?.FullName;

    /// <summary>A block that makes the path of each item, which it finds in <c>$_</c>.</summary>
    public TaskFile(ScriptBlock block) => _block = block;

    /// <summary>Whether each item has its own.</summary>
    internal bool IsPerItem => _block is not null;

    /// <inheritdoc/>
    public override string ToString() => _path ?? _block?.ToString() ?? string.Empty;

    /// <summary>The full path for an item.</summary>
    /// <param name="session">Has the drives, and the location of relative paths; <see langword="null"/> for a path on another machine, which is left as it is.</param>
    /// <param name="item">What the block finds in <c>$_</c>.</param>
    /// <param name="parameter">The parameter that errors name; default -LogPath.</param>
    /// <exception cref="RuntimeException">The block has failed, or the path is not one of the file system.</exception>
    internal string GetPath(SessionState? session, object? item, string? parameter = null)
    {
        string name = parameter ?? "LogPath";
        if (_block is null)
        {
            return Resolve(session, _path is { Length: > 0 } ? _path : throw new RuntimeException("-" + name + " is empty. Give it the path of a file."), name);
        }

        return ExecutableSource.Guard(
            () => Resolve(session, Make(_block, item), name),
            e => new ItemValueException(
                "The script block of -" + name + " failed for the item '" + (InputText.Of(item) ?? "$null") + "', so its program was not run: " + e.Message, ErrorIds.ArgumentBlockFailed, e));
    }

    private static string Resolve(SessionState? session, string path, string name) => session is null ? path : SessionPath.Resolve(session, path, name);

    private static string Make(ScriptBlock block, object? item)
    {
        Collection<PSObject> made = ItemBlock.Invoke(block, item);
        string path = made.Count != 1 ? string.Empty : made[0]?.BaseObject is FileSystemInfo file ? file.FullName : ExecutableArguments.ToText(made[0]);
        return path.Length > 0 ? path : throw new RuntimeException("it has to write one path, and wrote " + (made.Count == 1 ? "an empty one." : made.Count + " values."));
    }
}
