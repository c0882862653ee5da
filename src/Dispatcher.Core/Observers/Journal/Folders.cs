using System.IO;

namespace Dispatching;

/// <summary>Makes folders for what is nobody else's business.</summary>
internal static class Folders
{
    /// <summary>The full path, without a separator at its end: one folder has one.</summary>
    internal static string Normalize(string path)
    {
        string full = Path.GetFullPath(path);
        string trimmed = full.TrimEnd(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        return trimmed.Length < (Path.GetPathRoot(full)?.Length ?? 0) ? full : trimmed;
    }

    /// <summary>Makes a folder and those above it where they are not there; on Unix for its owner alone.</summary>
    internal static void Create(string path)
    {
#if NET
        if (!System.OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }
#endif
        Directory.CreateDirectory(path);
    }
}
