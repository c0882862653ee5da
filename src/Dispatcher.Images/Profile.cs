using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dispatching.Images;

/// <summary>
/// Tells the compiler of images which methods to compile, in the form of the profiles that it reads (.mibc): an assembly whose
/// method AssemblyDictionary names a method for each assembly, which names the methods.
/// </summary>
internal static class Profile
{
    /// <summary>Writes one with the methods of all types but those that are left out, and those nested in them.</summary>
    internal static void Write(string path, IEnumerable<string> assemblies, IReadOnlySet<string> leftOut)
    {
        using AssemblyDefinition profile = AssemblyDefinition.CreateAssembly(new AssemblyNameDefinition("Profile", new Version(1, 0)), "Profile", ModuleKind.Dll);
        ILProcessor dictionary = AddMethod(profile.MainModule, "AssemblyDictionary");
        foreach (string one in assemblies)
        {
            using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(one);
            ILProcessor methods = AddMethod(profile.MainModule, "Methods_" + assembly.Name.Name);
            foreach (MethodDefinition method in assembly.MainModule.GetTypes().Where(type => !leftOut.Contains(Outermost(type).Name.Split('`')[0])).SelectMany(type => type.Methods).Where(CanBeCompiled))
            {
                methods.Emit(OpCodes.Ldtoken, profile.MainModule.ImportReference(method));
                methods.Emit(OpCodes.Pop);
            }

            methods.Emit(OpCodes.Ret);
            dictionary.Emit(OpCodes.Ldstr, assembly.Name.Name);
            dictionary.Emit(OpCodes.Ldtoken, methods.Body.Method);
            dictionary.Emit(OpCodes.Pop);
        }

        dictionary.Emit(OpCodes.Ret);
        profile.Write(path);
    }

    // A generic one has code for its arguments alone.
    private static bool CanBeCompiled(MethodDefinition method) => method is { HasBody: true, HasGenericParameters: false, DeclaringType.HasGenericParameters: false };

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static ILProcessor AddMethod(ModuleDefinition module, string name)
    {
        var method = new MethodDefinition(name, MethodAttributes.Public | MethodAttributes.Static, module.TypeSystem.Void);
        module.GetType("<Module>").Methods.Add(method);
        return method.Body.GetILProcessor();
    }
}
