using System;
using System.IO;

namespace Dispatching;

/// <summary>The folder of a file that a program writes to.</summary>
internal static class OutputFolder
{
    /// <summary>Makes the folders that a file is in, as far as they are missing.</summary>
    /// <exception cref="IOException">They cannot be made; the message names the file, since the system names only the folder.</exception>
    internal static void MakeFor(string path)
    {
        if (Path.GetDirectoryName(path) is not { Length: > 0 } folder)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException("'" + path + "' cannot be written, because its folder cannot be made. Give -OutputFile and -ErrorFile a file in a folder that exists or can be made. " + (PathObstacle.Describe(path) ?? exception.Message), exception);
        }
    }
}
