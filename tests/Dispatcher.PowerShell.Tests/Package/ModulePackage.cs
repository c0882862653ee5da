using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Xml.Linq;

namespace Dispatching.PowerShell.Tests;

/// <summary>The package for the PowerShell Gallery that the build has made.</summary>
public static class ModulePackage
{
    private static readonly Lazy<string> s_folder = new(Unpack);

    /// <summary>The folder of the repository.</summary>
    public static string RepositoryRoot { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    /// <summary>The path of the package.</summary>
    public static string Location { get; } = Path.GetFullPath(Metadata("Package"));

    /// <summary>The folder that the module is unpacked in, named as an installed one is.</summary>
    public static string Folder => s_folder.Value;

    /// <summary>The manifest of the unpacked module.</summary>
    public static string Manifest => Path.Combine(Folder, "Dispatcher.psd1");

    /// <summary>The systems that it has images for.</summary>
    public static IReadOnlyList<string> ImageSystems { get; } = ["linux-arm64", "linux-x64", "osx-arm64", "osx-x64", "win-arm64", "win-x64"];

    /// <summary>The files of the module in the package, with / between folders, sorted. Not those that make it a package.</summary>
    public static IReadOnlyList<string> Files()
    {
        using ZipArchive archive = ZipFile.OpenRead(Location);
        return archive.Entries.Select(entry => entry.FullName).Where(IsOfModule).Order(StringComparer.Ordinal).ToArray();
    }

    /// <summary>What the package says of itself, by element.</summary>
    public static IReadOnlyDictionary<string, string> Nuspec()
    {
        using ZipArchive archive = ZipFile.OpenRead(Location);
        using Stream stream = archive.GetEntry("Dispatcher.nuspec")?.Open() ?? throw new FileNotFoundException("The package has no nuspec.");
        XElement root = XDocument.Load(stream).Root ?? throw new InvalidDataException("The nuspec is empty.");
        return root.Elements().Single(element => element.Name.LocalName == "metadata").Elements().ToDictionary(element => element.Name.LocalName, element => element.Value, StringComparer.Ordinal);
    }

    /// <summary>The manifest in the package as data: what is not data in it makes this fail.</summary>
    public static Hashtable ManifestData()
    {
        ScriptBlockAst script = Parser.ParseFile(Manifest, out _, out ParseError[] errors);
        return errors.Length == 0
            ? (Hashtable)script.Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue()
            : throw new ParseException(errors);
    }

    private static bool IsOfModule(string entry) =>
        !entry.StartsWith("_rels/", StringComparison.Ordinal) && !entry.StartsWith("package/", StringComparison.Ordinal) && entry is not ("[Content_Types].xml" or "Dispatcher.nuspec");

    private static string Unpack()
    {
        string root = Path.Combine(AppContext.BaseDirectory, "installed");
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        string folder = Path.Combine(root, "Dispatcher", Nuspec()["version"]);
        ZipFile.ExtractToDirectory(Location, folder);
        return folder;
    }

    private static string Metadata(string key) =>
        typeof(ModulePackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value
        ?? throw new InvalidOperationException("The build has not set " + key + ".");
}
