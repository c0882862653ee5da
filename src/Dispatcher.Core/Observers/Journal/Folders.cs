using System.IO;

namespace Dispatching;

/// <summary>Makes folders for what is nobody else's business.</summary>
internal static class Folders
{
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
