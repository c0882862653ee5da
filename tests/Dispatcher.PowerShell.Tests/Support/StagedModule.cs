using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Dispatching.PowerShell.Tests;

/// <summary>The module that the build has staged, and which of its two builds these tests are about.</summary>
public static class StagedModule
{
    /// <summary>"net8.0" or "netstandard2.0".</summary>
    public static string Build { get; } = Metadata("ModuleBuild");

    /// <summary>The folder that the module is staged in.</summary>
    public static string Folder { get; } = Path.GetFullPath(Metadata("StagedModule"));

    /// <summary>
    /// The build that the module loads here: of net8.0 the image for this system, named by it, where there is one.
    /// </summary>
    public static string LoadedBuild { get; } = Build == "net8.0" && Directory.Exists(Path.Combine(Folder, "bin", ThisSystem)) ? ThisSystem : Build;

    /// <summary>The folder of the assemblies that are loaded here.</summary>
    public static string Assemblies { get; } = Path.Combine(Folder, "bin", LoadedBuild);

    /// <summary>The manifest to import: the staged one, or one that loads the other build.</summary>
    public static string Manifest { get; } = Build == "net8.0" ? Path.Combine(Folder, "Dispatcher.psd1") : CreateManifest();

    private static string ThisSystem
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return system + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        }
    }

    private static string CreateManifest()
    {
        // Under the module's own name, for -Module and Remove-Module to be the same as with the staged one.
        string folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "module-" + Build, "Dispatcher")).FullName;
        string manifest = Path.Combine(folder, "Dispatcher.psd1");
        string assembly = Path.Combine(Assemblies, "Dispatcher.PowerShell.dll");
        string types = Path.Combine(Folder, "Dispatcher.Types.ps1xml");
        string format = Path.Combine(Folder, "Dispatcher.Format.ps1xml");
        File.WriteAllText(manifest, $$"""
            @{
                RootModule = '{{assembly}}'
                ModuleVersion = '0.0.1'
                RequiredAssemblies = @('{{assembly}}')
                TypesToProcess = @('{{types}}')
                FormatsToProcess = @('{{format}}')
                CmdletsToExport = '*'
                FunctionsToExport = @()
            }
            """);
        return manifest;
    }

    internal static string Metadata(string key) =>
        typeof(StagedModule).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value
        ?? throw new InvalidOperationException("The build has not set " + key + ".");
}
