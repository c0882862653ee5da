using System;
using System.IO;

namespace Dispatching.ScriptHost;

/// <summary>
/// Environment variables that the engine reads. They hold for every runspace of the process, so that
/// the workers of a dispatcher find what the script itself finds.
/// </summary>
internal static class EngineEnvironment
{
    public static void Prepare(params string[] moduleFolders)
    {
        // The inherited path is left out: started from pwsh, it leads to modules of another engine version.
        Environment.SetEnvironmentVariable("PSModulePath", string.Join(Path.PathSeparator, moduleFolders));

        // Windows clients refuse scripts otherwise; elsewhere the engine has no policy.
        Environment.SetEnvironmentVariable("PSExecutionPolicyPreference", "Bypass");

        // The engine would report its first module import to its vendor.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
    }
}
