using System;
using System.Globalization;
using System.IO;

namespace Dispatching.PowerShell;

/// <summary>
/// The files that .NET and PowerShell make in the temporary folder for tools that look into a process. One that is killed
/// cannot remove them.
/// </summary>
internal sealed class DiagnosticFiles
{
    private readonly string _folder = Path.GetTempPath();
    private readonly string[] _patterns;

    /// <param name="processId">The process, which has inherited the temporary folder of this one.</param>
    internal DiagnosticFiles(int processId)
    {
        string id = processId.ToString(CultureInfo.InvariantCulture);
        _patterns = ["clr-debug-pipe-" + id + "-*", "dotnet-diagnostic-" + id + "-*", "CoreFxPipe_PSHost.*." + id + ".*"];
    }

    /// <summary>Deletes them, once the process is gone.</summary>
    internal void Delete()
    {
        try
        {
            // Windows keeps no files for pipes.
            foreach (string pattern in Path.DirectorySeparatorChar == '/' ? _patterns : [])
            {
                foreach (string path in Directory.EnumerateFiles(_folder, pattern))
                {
                    File.Delete(path);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They are left, as by any process that was killed.
        }
    }
}
