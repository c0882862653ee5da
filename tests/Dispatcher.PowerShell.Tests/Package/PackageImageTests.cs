using System;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The images in the package: the build for .NET 8 and later, compiled ahead of time for each system.</summary>
public sealed class PackageImageTests
{
    private const long Megabyte = 1_000_000;

    public static TheoryData<string> Images => new(ModulePackage.ImageSystems.SelectMany(system => new[] { system + "/Dispatcher.Core.dll", system + "/Dispatcher.PowerShell.dll" }));

    [Theory]
    [MemberData(nameof(Images))]
    public void It_is_for_its_system_and_has_code_for_it(string image)
    {
        using PEReader reader = Open(image);
        Assert.Equal(GetMachine(image), (int)reader.PEHeaders.CoffHeader.Machine);
        CorHeader header = Assert.IsType<CorHeader>(reader.PEHeaders.CorHeader);
        Assert.True(header.ManagedNativeHeaderDirectory.Size > 0, "It has no ReadyToRun header.");
        Assert.Equal("RTR\0"u8, reader.GetSectionData(header.ManagedNativeHeaderDirectory.RelativeVirtualAddress).GetContent(0, 4).AsSpan());
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void It_is_made_of_the_portable_build_and_leaves_the_symbols_to_that(string image)
    {
        using PEReader reader = Open(image);
        using PEReader portable = Open("net8.0/" + Path.GetFileName(image));
        Assert.Equal(GetVersionId(portable), GetVersionId(reader));
        Assert.DoesNotContain(reader.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
    }

    [Fact]
    public void All_of_them_are_small_together() => Assert.InRange(new FileInfo(ModulePackage.Location).Length, 0, 5 * Megabyte);

    private static PEReader Open(string assembly) => new(File.OpenRead(Path.Combine(ModulePackage.Folder, "bin", assembly)));

    private static Guid GetVersionId(PEReader assembly)
    {
        MetadataReader metadata = assembly.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }

    // The machine is combined with a value for the system, which for Windows is zero.
    private static int GetMachine(string image)
    {
        string[] parts = image.Split('-', '/');
        return (int)(parts[1] == "x64" ? Machine.Amd64 : Machine.Arm64) ^ parts[0] switch { "linux" => 0x7B79, "osx" => 0x4644, _ => 0 };
    }
}
