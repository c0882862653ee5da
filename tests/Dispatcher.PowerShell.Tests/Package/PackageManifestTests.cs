using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What the package and the manifest in it say of the module.</summary>
public sealed class PackageManifestTests
{
    private static readonly Hashtable s_manifest = ModulePackage.ManifestData();
    private static readonly Hashtable s_gallery = (Hashtable)((Hashtable)s_manifest["PrivateData"]!)["PSData"]!; // It is there, or all of this fails.

    [Theory]
    [InlineData("RootModule", "Dispatcher.psm1")]
    [InlineData("GUID", "6f0d2a0e-5b53-4f0c-9d0f-0f6c2f6c9a41")]
    [InlineData("PowerShellVersion", "5.1")]
    public void The_manifest_keeps_what_installed_copies_are_known_by(string key, string value) => Assert.Equal(value, s_manifest[key]);

    [Theory]
    [InlineData("Author")]
    [InlineData("CompanyName")]
    [InlineData("Copyright")]
    [InlineData("Description")]
    public void The_manifest_is_complete(string key) => Assert.NotEmpty(Assert.IsType<string>(s_manifest[key]));

    [Theory]
    [InlineData("ProjectUri")]
    [InlineData("LicenseUri")]
    [InlineData("ReleaseNotes")]
    public void The_manifest_links_to_the_project(string key) =>
        Assert.True(Uri.TryCreate((string?)s_gallery[key], UriKind.Absolute, out Uri? link) && link.Scheme == Uri.UriSchemeHttps, key);

    [Fact]
    public void The_manifest_is_for_both_editions() => Assert.Equal(["Core", "Desktop"], Texts(s_manifest["CompatiblePSEditions"]));

    [Theory]
    [InlineData("FunctionsToExport")]
    [InlineData("VariablesToExport")]
    [InlineData("AliasesToExport")]
    public void The_manifest_exports_none_of(string key) => Assert.Empty(Texts(s_manifest[key]));

    [Fact]
    public void The_manifest_exports_each_cmdlet_by_its_name()
    {
        using var session = new Session();
        IEnumerable<string> cmdlets = session.Text("(Get-Command New-Dispatcher).ImplementingType.Assembly.GetExportedTypes()")
            .Select(name => Type.GetType(name + ", Dispatcher.PowerShell")?.GetCustomAttributes(typeof(CmdletAttribute), inherit: false).SingleOrDefault())
            .OfType<CmdletAttribute>().Select(cmdlet => cmdlet.VerbName + "-" + cmdlet.NounName);
        Assert.Equal(cmdlets.Order(StringComparer.Ordinal), Texts(s_manifest["CmdletsToExport"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_engine_finds_the_manifest_valid()
    {
        using var session = new Session();
        var module = (PSModuleInfo)session.One("Test-ModuleManifest $args[0]", ModulePackage.Manifest);
        Assert.Equal(s_manifest["ModuleVersion"], module.Version.ToString());
        Assert.Equal(Texts(s_manifest["CmdletsToExport"]).Order(StringComparer.Ordinal), module.ExportedCmdlets.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_package_says_what_the_manifest_says()
    {
        var expected = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["id"] = "Dispatcher",
            ["version"] = s_manifest["ModuleVersion"],
            ["authors"] = s_manifest["Author"],
            ["description"] = s_manifest["Description"],
            ["copyright"] = s_manifest["Copyright"],
            ["licenseUrl"] = s_gallery["LicenseUri"],
            ["projectUrl"] = s_gallery["ProjectUri"],
            ["releaseNotes"] = s_gallery["ReleaseNotes"],
            ["tags"] = string.Join(' ', Tags()),
        };
        IReadOnlyDictionary<string, string> nuspec = ModulePackage.Nuspec();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), nuspec.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, pair => Assert.Equal(pair.Value, nuspec[pair.Key]));
    }

    [Fact]
    public void The_version_is_that_of_the_assemblies_and_of_the_file()
    {
        string version = (string)s_manifest["ModuleVersion"]!; // The manifest is valid, see above.
        Assert.Equal("Dispatcher." + version + ".nupkg", Path.GetFileName(ModulePackage.Location));
        foreach (string assembly in ModulePackage.Files().Where(file => file.EndsWith(".dll", StringComparison.Ordinal)))
        {
            Assert.Equal(version + ".0", System.Reflection.AssemblyName.GetAssemblyName(Path.Combine(ModulePackage.Folder, assembly)).Version?.ToString());
        }
    }

    private static IEnumerable<string> Tags() =>
        ["PSModule", .. Texts(s_gallery["Tags"]), "PSIncludes_Cmdlet", .. Texts(s_manifest["CmdletsToExport"]).SelectMany(cmdlet => new[] { "PSCmdlet_" + cmdlet, "PSCommand_" + cmdlet })];

    private static IEnumerable<string> Texts(object? list) => Assert.IsAssignableFrom<IEnumerable>(list).Cast<string>();
}
