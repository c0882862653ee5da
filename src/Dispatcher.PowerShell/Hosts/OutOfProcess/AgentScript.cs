using System;
using System.IO;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>The script that starts an agent at the far end of a session.</summary>
internal static class AgentScript
{
    /// <summary>
    /// Its parameters are the assemblies, core first: paths, where the far end is on this machine; and the settings. The
    /// enumerator of its input is live, for there is no process block.
    /// </summary>
    internal const string Text = """
        param($Assemblies, $Versions, $Settings)
        end {
            $VerbosePreference = $DebugPreference = $WarningPreference = $InformationPreference = $ProgressPreference = 'Continue'
            $ErrorActionPreference = 'Stop'
            if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
                throw "The session there is in $($ExecutionContext.SessionState.LanguageMode) mode, and refuses the assemblies of Dispatcher. Install the module Dispatcher there, and use it from an endpoint in FullLanguage mode."
            }
            if ($PSVersionTable.PSVersion -lt [version] '7.4') {
                throw "PowerShell there is $($PSVersionTable.PSVersion), and sessions of Dispatcher need 7.4 or later."
            }
            $agent = $null
            for ($i = 0; $i -lt 2; $i++) {
                $name = ('Dispatcher.Core', 'Dispatcher.PowerShell')[$i]
                $loaded = [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq $name }, 'First')[0]
                if (-not $loaded) {
                    $loaded = if ($Assemblies[$i] -is [string]) {
                        [Reflection.Assembly]::LoadFrom($Assemblies[$i])
                    } else {
                        # For sessions from there to elsewhere.
                        [AppDomain]::CurrentDomain.SetData($name, [byte[]] $Assemblies[$i])
                        [Runtime.Loader.AssemblyLoadContext]::Default.LoadFromStream([IO.MemoryStream]::new([byte[]] $Assemblies[$i]))
                    }
                }
                if ($loaded.ManifestModule.ModuleVersionId.ToString() -ne $Versions[$i]) {
                    throw "Another build of $name is loaded there already ($($loaded.GetName().Version), from '$($loaded.Location)'). Use the same version of the module Dispatcher at both ends, or a session that has not loaded it."
                }
                $agent = $loaded.GetType('Dispatching.PowerShell.InvokeDispatcherAgentCommand')
            }
            $ErrorActionPreference = 'Continue'
            & ([Management.Automation.CmdletInfo]::new('Invoke-DispatcherAgent', $agent)) -Settings $Settings -Messages $input
        }
        """;

    private static readonly Assembly[] s_assemblies = [typeof(Dispatcher).Assembly, typeof(AgentScript).Assembly];

    /// <summary>The paths of the assemblies, core first; where they were loaded from no file, their content.</summary>
    internal static object[] Paths => Array.ConvertAll(s_assemblies, assembly => assembly.Location.Length > 0 ? assembly.Location : GetContent(assembly));

    /// <summary>What tells one build of them from another.</summary>
    internal static string[] Versions => Array.ConvertAll(s_assemblies, assembly => assembly.ManifestModule.ModuleVersionId.ToString());

    /// <summary>The content of the assemblies, core first: for any system, whichever this is.</summary>
    internal static object[] ReadAll() => Array.ConvertAll(s_assemblies, assembly => assembly.Location.Length > 0 ? File.ReadAllBytes(GetPortable(assembly.Location)) : GetContent(assembly));

    // An image, which is compiled ahead of time for one system, lies beside the build that it was made of.
    private static string GetPortable(string path)
    {
#if NET
        string portable = Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, "..", "net8.0", Path.GetFileName(path));
        return File.Exists(portable) ? portable : path;
#else
        return path;
#endif
    }

    /// <summary>What an assembly was loaded from that a session has brought here.</summary>
    private static object GetContent(Assembly assembly) => AppDomain.CurrentDomain.GetData(assembly.GetName().Name ?? string.Empty)
        ?? throw new InvalidOperationException("The assemblies of Dispatcher were loaded from no file, so that they cannot be sent on.");
}
