using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What the transport was compiled against is what the engine has.</summary>
public sealed class EngineStubTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [TransportFact]
    public void The_engine_has_each_member_of_the_stub()
    {
        var context = new AssemblyLoadContext("stub", isCollectible: true);
        Assembly stub = context.LoadFromAssemblyPath(Path.GetFullPath(StagedModule.Metadata("EngineStub")));
        Assembly engine = typeof(System.Management.Automation.PSObject).Assembly;
        Assert.Equal(engine.GetName().GetPublicKeyToken(), stub.GetName().GetPublicKeyToken());
        Assert.True(stub.GetName().Version <= engine.GetName().Version);

        Type[] types = stub.GetTypes().Where(type => type.IsPublic).ToArray();
        Assert.NotEmpty(types);
        Assert.Equal([], types.SelectMany(type => Describe(type).Except(Describe(engine.GetType(type.FullName!)!))));
    }

    /// <summary>What code outside of the assembly can see of a type, a line each.</summary>
    private static IEnumerable<string> Describe(Type type)
    {
        string name = type.FullName + ": ";
        yield return name + "is a " + type.BaseType?.FullName + (type.IsSealed ? ", sealed" : string.Empty) + (type.IsAbstract ? ", abstract" : string.Empty);
        if (type.IsEnum)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                yield return name + field.Name + " = " + field.GetRawConstantValue();
            }

            yield break;
        }

        foreach (MethodBase member in type.GetMembers(Declared).OfType<MethodBase>().Where(one => one.IsPublic || one.IsFamily || one.IsFamilyOrAssembly))
        {
            yield return name + (member.IsPublic ? "public " : "protected ") + (member.IsAbstract ? "abstract " : member.IsVirtual ? "virtual " : string.Empty) + (member as MethodInfo)?.ReturnType.FullName + " "
                + member.Name + "(" + string.Join(", ", member.GetParameters().Select(parameter => parameter.ParameterType.FullName)) + ")";
        }
    }
}
