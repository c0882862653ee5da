using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Dispatching.PowerShell.Tests;

/// <summary>Has the tests of single parts use the assemblies of the staged module: the very ones that the sessions load.</summary>
internal static class AssemblyOfModule
{
#pragma warning disable CA2255 // Before any test is compiled, and so at the start of the assembly.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() => AssemblyLoadContext.Default.Resolving += Resolve;

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
    {
        string path = Path.Combine(StagedModule.Assemblies, name.Name + ".dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    }
}
