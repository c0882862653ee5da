using System;
using System.IO;

namespace Dispatching.PowerShell.Tests;

/// <summary>
/// Worker processes run the pwsh that belongs to the engine. The engine of this process has none, so they look in PATH, where
/// this puts a launcher of the pinned one first.
/// </summary>
internal static class PinnedPowerShell
{
    private static readonly Lazy<string> s_folder = new(Install);

    /// <summary>Has it found from here on. Its folder.</summary>
    internal static string Use() => s_folder.Value;

    private static string Install()
    {
        string folder = Directory.CreateTempSubdirectory("dispatcher-pwsh").FullName;
        string launcher = Path.Combine(folder, "pwsh");
        string library = Path.GetFullPath(StagedModule.Metadata("PowerShell"));
        File.WriteAllText(launcher, "#!/bin/sh\nexec dotnet '" + library + "' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Environment.SetEnvironmentVariable("PATH", folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"));
        return folder;
    }
}
