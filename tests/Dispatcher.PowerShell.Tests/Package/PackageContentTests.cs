using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What is in the package, and what is not.</summary>
public sealed class PackageContentTests
{
    private static readonly string[] s_portable =
    [
        "bin/net8.0/Dispatcher.Core.dll",
        "bin/net8.0/Dispatcher.PowerShell.dll",
        "bin/netstandard2.0/Dispatcher.Core.dll",
        "bin/netstandard2.0/Dispatcher.PowerShell.dll",
    ];

    private static readonly string[] s_assemblies = [.. s_portable, .. ModulePackage.ImageSystems.SelectMany(Images)];

    public static TheoryData<string> Portable => new(s_portable);

    [Fact]
    public void It_has_both_builds_the_images_the_module_the_licence_and_the_changelog_and_nothing_else()
    {
        string module = Path.Combine(ModulePackage.RepositoryRoot, "module");
        IEnumerable<string> written = Directory.EnumerateFiles(module, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(module, file).Replace('\\', '/'));
        Assert.Equal(written.Concat(s_assemblies).Concat(["CHANGELOG.md", "LICENSE"]).Order(StringComparer.Ordinal), ModulePackage.Files());
    }

    [Fact]
    public void What_is_staged_is_what_is_packed_but_for_the_images_for_other_systems() => Assert.Equal(
        ModulePackage.Files().Except(ModulePackage.ImageSystems.Where(system => system != StagedModule.LoadedBuild).SelectMany(Images)),
        Directory.EnumerateFiles(StagedModule.Folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(StagedModule.Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal));

    [Fact]
    public void What_it_has_is_what_a_module_has()
    {
        string[] stray = ModulePackage.Files()
            .Where(file => !s_assemblies.Contains(file, StringComparer.Ordinal))
            .Where(file => file is not ("CHANGELOG.md" or "LICENSE" or "Dispatcher.psm1"))
            .Where(file => !IsIn(file, "", ".psd1") && !IsIn(file, "", ".ps1xml") && !IsIn(file, "examples/", ".ps1") && !IsIn(file, "en-US/", "-Help.xml") && !IsIn(file, "en-US/", ".help.txt"))
            .ToArray();
        Assert.Empty(stray);
    }

    [Theory]
    [MemberData(nameof(Portable))]
    public void Its_assemblies_do_not_name_the_machine_that_built_them(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(ModulePackage.Folder, assembly)));
        DebugDirectoryEntry symbols = file.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using MetadataReaderProvider provider = file.ReadEmbeddedPortablePdbDebugDirectoryData(symbols);
        MetadataReader reader = provider.GetMetadataReader();
        string[] sources = reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name)).ToArray();
        Assert.Contains(sources, source => source.StartsWith("/_/src/", StringComparison.Ordinal));
        Assert.DoesNotContain(sources, source => source.Contains(ModulePackage.RepositoryRoot, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> Images(string system) => ["bin/" + system + "/Dispatcher.Core.dll", "bin/" + system + "/Dispatcher.PowerShell.dll"];

    private static bool IsIn(string file, string folder, string end) =>
        file.StartsWith(folder, StringComparison.Ordinal) && file.EndsWith(end, StringComparison.Ordinal) && !file[folder.Length..].Contains('/', StringComparison.Ordinal);
}
