using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Xunit;

namespace Dispatching.Tests.Structure;

/// <summary>The rooms of the core, and that none refers to one above it. src/README.md shows them.</summary>
public sealed class RoomTests
{
    // From the bottom to the top. The dispatcher's own folder is the top.
    private static readonly string[][] s_rooms = [["Native", "Threading"], ["Tasks", "Retry"], ["Executables"], ["Workers"], ["Observers"], ["Scheduling"], ["."]];

    // Shipped, and so they stay: a task names its dispatcher.
    private static readonly string[] s_exceptions = ["Dispatching.DispatchTask::get_Dispatcher", "Dispatching.DispatchTask::Dispatcher"];

    private readonly SourceTree _source = SourceTree.Of("Dispatcher.Core");

    [Fact]
    public void No_room_refers_to_one_above_it()
    {
        using AssemblyDefinition core = AssemblyDefinition.ReadAssembly(typeof(Dispatcher).Assembly.Location);
        string[] violations = [.. core.MainModule.Types.SelectMany(GetMembers).SelectMany(GetViolations).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Assert.True(violations.Length == 0, violations.Length + " references go up:\n" + string.Join("\n", violations));
    }

    [Fact]
    public void Each_type_is_in_a_file_of_its_name_in_a_room()
    {
        using AssemblyDefinition core = AssemblyDefinition.ReadAssembly(typeof(Dispatcher).Assembly.Location);
        Assert.Equal([], core.MainModule.Types.Where(IsOwn).Where(type => FindLevel(type) < 0).Select(type => type.FullName));
    }

    [Fact]
    public void A_reference_that_goes_up_is_seen()
    {
        using AssemblyDefinition core = AssemblyDefinition.ReadAssembly(typeof(Dispatcher).Assembly.Location);
        TypeDefinition task = core.MainModule.Types.Single(type => type.Name == nameof(DispatchTask));
        Assert.Contains(TypeReferences.Of(task.Methods.Single(method => method.Name == "get_Dispatcher")), type => type.Name == nameof(Dispatcher));
    }

    private static IEnumerable<IMemberDefinition> GetMembers(TypeDefinition type) =>
        [type, .. type.Fields, .. type.Methods, .. type.NestedTypes.SelectMany(GetMembers)];

    // Those that the compiler adds have names that no file can have, or namespaces of the framework.
    private static bool IsOwn(TypeDefinition type) => type.Namespace == "Dispatching" && !type.Name.StartsWith('<');

    private IEnumerable<string> GetViolations(IMemberDefinition member)
    {
        TypeDefinition from = TypeReferences.GetOutermost(member as TypeDefinition ?? member.DeclaringType);
        int level = FindLevel(from);
        return level < 0 || s_exceptions.Contains(from.FullName + "::" + member.Name)
            ? []
            : TypeReferences.Of(member).Where(to => FindLevel(to) > level).Select(to => from.Name + " -> " + to.Name + " (" + member.Name + ")");
    }

    private int FindLevel(TypeDefinition type) => IsOwn(type) && _source.FindRoom(type.Name.Split('`')[0]) is { } room
        ? Array.FindIndex(s_rooms, level => level.Contains(room))
        : -1;
}
