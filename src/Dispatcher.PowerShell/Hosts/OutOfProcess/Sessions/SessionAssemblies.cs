using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Decides how the far end of a session gets the assemblies of the agent.</summary>
internal static class SessionAssemblies
{
    // Looks for an installed module with the same build of both, by what each build has of its own. Nothing is loaded for that.
    // An image has that of the build that it was made of, and is preferred where Dispatcher.psm1 would take it.
    private const string Find = """
        param($Versions)
        if ($PSVersionTable.PSVersion.Major -lt 6) { return 'desktop' }
        $builds = @(
            if ($PSVersionTable.PSVersion -ge [version] '7.6' -and [Environment]::Version.Major -ge 10) {
                $system = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } else { 'linux' }
                "$system-$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)".ToLowerInvariant()
            }
            'net8.0'
        )
        foreach ($root in $env:PSModulePath -split [IO.Path]::PathSeparator) {
            if ([IO.Directory]::Exists("$root/Dispatcher")) {
                foreach ($folder in @("$root/Dispatcher") + [IO.Directory]::GetDirectories("$root/Dispatcher")) {
                    foreach ($build in $builds) {
                        $paths = "$folder/bin/$build/Dispatcher.Core.dll", "$folder/bin/$build/Dispatcher.PowerShell.dll"
                        $found = foreach ($path in $paths) {
                            if ([IO.File]::Exists($path)) {
                                $reader = [Reflection.PortableExecutable.PEReader]::new([IO.File]::OpenRead($path))
                                $metadata = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($reader)
                                $metadata.GetGuid($metadata.GetModuleDefinition().Mvid).ToString()
                                $reader.Dispose()
                            }
                        }
                        if ("$found" -eq "$Versions") { return $paths }
                    }
                }
            }
        }
        """;

    /// <summary>Asks the far end what it has.</summary>
    /// <param name="session">The session.</param>
    /// <param name="lost">Set when it is lost, which ends the wait for an answer.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <returns>The paths of the assemblies there, core first, or else their content.</returns>
    internal static object[] For(OpenedSession session, WaitHandle lost, TimeSpan timeout)
    {
        // Not disposed of: that would wait for an answer, and the session may have none.
        System.Management.Automation.PowerShell query = System.Management.Automation.PowerShell.Create();
        query.Runspace = session.Runspace;
        query.AddScript(Find).AddParameter("Versions", AgentScript.Versions);
        try
        {
            IAsyncResult running = query.BeginInvoke();
            if (WaitHandle.WaitAny([running.AsyncWaitHandle, lost], timeout) == 0)
            {
                List<string> paths = [];
                foreach (PSObject path in query.EndInvoke(running))
                {
                    paths.Add((string)path.BaseObject);
                }

                query.Dispose();
                return paths.Count > 1 ? [.. paths] : AgentScript.ReadAll(isDesktop: paths.Count == 1);
            }
        }
        catch (Exception)
        {
            // Whatever is wrong there, the start of the agent meets it as well, and says it better.
        }

        return AgentScript.ReadAll();
    }
}
