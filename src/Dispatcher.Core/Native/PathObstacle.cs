using System.IO;

namespace Dispatching;

/// <summary>What is in the way of a file that cannot be written, where the system's own message does not name it.</summary>
internal static class PathObstacle
{
    /// <returns>A sentence; <see langword="null"/> where nothing is to be seen.</returns>
    internal static string? Describe(string path)
    {
        if (path.Length > 0 && Directory.Exists(path))
        {
            return "'" + path + "' is a folder, not a file.";
        }

        for (string? folder = path; (folder = Path.GetDirectoryName(folder)) is { Length: > 0 };)
        {
            if (File.Exists(folder))
            {
                return "'" + folder + "' is a file, not a folder, so nothing can be below it.";
            }
        }

        return null;
    }
}
