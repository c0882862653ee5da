using System;
using System.IO;
using System.Management.Automation.Language;
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
            $isDesktop = $PSVersionTable.PSVersion.Major -eq 5 -and $PSVersionTable.PSVersion.Minor -ge 1
            if ($PSVersionTable.PSVersion -lt [version] '7.4' -and -not $isDesktop) {
                throw "PowerShell there is $($PSVersionTable.PSVersion), and sessions of Dispatcher need 7.4 or later, or Windows PowerShell 5.1."
            }
            if ($isDesktop -and -not ('DispatcherAssemblies' -as [type])) {
                # .NET Framework does not find by itself what one assembly that was loaded from memory needs of another.
                Add-Type -TypeDefinition 'public static class DispatcherAssemblies { public static System.Reflection.Assembly Find(object sender, System.ResolveEventArgs e) { foreach (var one in System.AppDomain.CurrentDomain.GetAssemblies()) { if (one.FullName == e.Name && !one.ReflectionOnly) { return one; } } return null; } }'
                [AppDomain]::CurrentDomain.add_AssemblyResolve([Delegate]::CreateDelegate([ResolveEventHandler], [DispatcherAssemblies].GetMethod('Find')))
            }
            $agent = $null
            for ($i = 0; $i -lt 2; $i++) {
                $name = ('Dispatcher.Core', 'Dispatcher.PowerShell')[$i]
                $version = if ($isDesktop) { [Reflection.Assembly]::ReflectionOnlyLoad([byte[]] $Assemblies[$i]).ManifestModule.ModuleVersionId.ToString() } else { $Versions[$i] }
                $loaded = [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq $name }, 'First')[0]
                if (-not $loaded) {
                    $loaded = if ($Assemblies[$i] -is [string]) {
                        [Reflection.Assembly]::LoadFrom($Assemblies[$i])
                    } else {
                        # For sessions from there to elsewhere.
                        [AppDomain]::CurrentDomain.SetData($name, [byte[]] $Assemblies[$i])
                        if ($isDesktop) { [Reflection.Assembly]::Load([byte[]] $Assemblies[$i]) } else { [Runtime.Loader.AssemblyLoadContext]::Default.LoadFromStream([IO.MemoryStream]::new([byte[]] $Assemblies[$i])) }
                    }
                }
                if ($loaded.ManifestModule.ModuleVersionId.ToString() -ne $version) {
                    throw "Another build of $name is loaded there already ($($loaded.GetName().Version), from '$($loaded.Location)'). Use the same version of the module Dispatcher at both ends, or a session that has not loaded it."
                }
                $agent = $loaded.GetType('Dispatching.PowerShell.InvokeDispatcherAgentCommand')
            }
            $ErrorActionPreference = 'Continue'
            & ([Management.Automation.CmdletInfo]::new('Invoke-DispatcherAgent', $agent)) -Settings $Settings -Messages $input
        }
        """;

    // A worker process has just been started, with this machine's files and nothing loaded. Each method that a script calls takes
    // it 20 ms or more, to make the code for the call; the directive and the property take none.
    private const string TextOfProcess = """
        using assembly '@path'
        param($Settings)
        end {
            $VerbosePreference = $DebugPreference = $WarningPreference = $InformationPreference = $ProgressPreference = 'Continue'
            & ([Dispatching.PowerShell.AgentEntryPoint]::Command) -Settings $Settings -Messages $input
        }
        """;

    private static readonly char[] s_wildcards = ['*', '?', '[', ']'];

    private static readonly Assembly[] s_assemblies = [typeof(Dispatcher).Assembly, typeof(AgentScript).Assembly];

    /// <summary>The paths of the assemblies, core first; where they were loaded from no file, their content.</summary>
    internal static object[] Paths => Array.ConvertAll(s_assemblies, assembly => assembly.Location.Length > 0 ? assembly.Location : GetContent(assembly));

    /// <summary>
    /// The script for a worker process, with the settings as its only parameter; <see langword="null"/> where the directive
    /// <c>using assembly</c> does not take the path, so that <see cref="Text"/> has to be used.
    /// </summary>
    internal static string? ForProcess()
    {
        string path = s_assemblies[1].Location;
        return path.Length == 0 || path.IndexOfAny(s_wildcards) >= 0 || path.StartsWith(@"\\", StringComparison.Ordinal)
            ? null
            : TextOfProcess.Replace("@path", CodeGeneration.EscapeSingleQuotedStringContent(path));
    }

    /// <summary>What tells one build of them from another.</summary>
    internal static string[] Versions => Array.ConvertAll(s_assemblies, assembly => assembly.ManifestModule.ModuleVersionId.ToString());

    /// <summary>The content of the assemblies, core first: for any system, whichever this is.</summary>
    /// <param name="isDesktop">
    /// Whether for Windows PowerShell, which takes the build for .NET Standard. Written with care; not tested, for want of a Windows.
    /// </param>
    internal static object[] ReadAll(bool isDesktop = false) =>
        Array.ConvertAll(s_assemblies, assembly => assembly.Location.Length > 0 ? File.ReadAllBytes(GetPortable(assembly.Location, isDesktop)) : GetContent(assembly));

    // An image, which is compiled ahead of time for one system, lies beside the builds for all systems.
    private static string GetPortable(string path, bool isDesktop)
    {
#if NET
        string build = isDesktop ? "netstandard2.0" : "net8.0";
        string portable = Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, "..", build, Path.GetFileName(path));
        return File.Exists(portable) ? portable : path;
#else
        _ = isDesktop;
        return path;
#endif
    }

    /// <summary>What an assembly was loaded from that a session has brought here.</summary>
    private static object GetContent(Assembly assembly) => AppDomain.CurrentDomain.GetData(assembly.GetName().Name ?? string.Empty)
        ?? throw new InvalidOperationException("The assemblies of Dispatcher were loaded from no file, so that they cannot be sent on.");
}
