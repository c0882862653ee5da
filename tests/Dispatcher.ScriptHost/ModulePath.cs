using System;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Dispatching.ScriptHost;

/// <summary>The two module folders of this host.</summary>
internal static class ModulePath
{
    private const string StagedModuleRoot = "StagedModuleRoot";

    /// <summary>The folder of the stand-ins for the commands that the bare engine lacks.</summary>
    public static string StandIns { get; } = Path.Combine(AppContext.BaseDirectory, "Modules");

    /// <summary>The folder that the build stages the module in, or null when there is none.</summary>
    public static string? FindStagedModules()
    {
        string? built = typeof(ModulePath).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key == StagedModuleRoot)?.Value;
        if (Directory.Exists(built))
        {
            return built;
        }

        // The build output may have been moved to another place than it was built in.
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "artifacts", "modules");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
