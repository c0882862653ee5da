using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Dispatching.Tests.Structure;

/// <summary>The source files of an assembly, by the types they are named after.</summary>
internal sealed class SourceTree
{
    private readonly Dictionary<string, string> _folders = [];

    private SourceTree(string root)
    {
        Root = root;
        Files = [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Where(IsSource)];
        foreach (string file in Files)
        {
            _folders[GetTypeName(file)] = Path.GetRelativePath(root, Path.GetDirectoryName(file)!); // It is below the root.
        }
    }

    internal static string RepositoryRoot { get; } = typeof(SourceTree).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "RepositoryRoot").Value!; // The build sets it.

    internal string Root { get; }

    internal IReadOnlyList<string> Files { get; }

    internal static SourceTree Of(string project) => new(Path.Combine(RepositoryRoot, "src", project));

    /// <summary>A file without its parts: Type.cs and Type.Part.cs are of one type.</summary>
    internal static string GetTypeName(string file) => Path.GetFileName(file).Split('.')[0];

    /// <summary>The first folder below the project in which a type is; "." for the project's own; <see langword="null"/> for none.</summary>
    internal string? FindRoom(string type) => _folders.TryGetValue(type, out string? folder) ? folder.Split(Path.DirectorySeparatorChar)[0] : null;

    private bool IsSource(string file)
    {
        string first = Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar)[0];
        return first is not ("obj" or "bin");
    }
}
