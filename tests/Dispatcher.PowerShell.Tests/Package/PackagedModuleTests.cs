using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The module as it is installed from the package, in a process of its own: it shares no assembly with these tests.</summary>
public sealed class PackagedModuleTests
{
    private const string ImageOfThisSystem = "image";

    [Theory]
    [InlineData("7.6", ImageOfThisSystem)]
    [InlineData("7.5", "net8.0")]
    [InlineData("7.4", "net8.0")]
    [InlineData("7.3.12", "netstandard2.0")]
    [InlineData("5.1.26100", "netstandard2.0")]
    public async Task It_loads_the_build_for_the_version_and_runs_tasks(string version, string build)
    {
        build = build == ImageOfThisSystem ? StagedModule.LoadedBuild : build;
        string script = string.Join('\n',
            "$PSVersionTable['PSVersion'] = [version] '" + version + "'",
            "Import-Module '" + ModulePackage.Manifest + "'",
            "1..3 | Invoke-DispatchTask { $_ * 10 } -Ordered",
            "(Get-Module Dispatcher).PrivateData.Build",
            "(Get-Command New-Dispatcher).ImplementingType.Assembly.Location",
            "(New-Dispatcher).GetType().Assembly.Location");
        string folder = Path.Combine(ModulePackage.Folder, "bin", build);
        Assert.Equal(
            ["10", "20", "30", build, Path.Combine(folder, "Dispatcher.PowerShell.dll"), Path.Combine(folder, "Dispatcher.Core.dll")],
            (await RunAsync(script)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("Dispatcher.Core.dll")]
    [InlineData("Dispatcher.PowerShell.dll")]
    [InlineData("Dispatcher.*.dll")]
    public async Task It_loads_the_portable_build_where_the_image_is_broken(string broken)
    {
        string script = string.Join('\n',
            "Copy-Item '" + ModulePackage.Folder + "' $folder -Recurse",
            "Get-ChildItem $folder/bin/*-* -Recurse -Include " + broken + " | Set-Content -Value 'no assembly'",
            "Import-Module $folder/Dispatcher.psd1",
            "(Get-Module Dispatcher).PrivateData.Build",
            "(Get-Module Dispatcher).PrivateData.PSData.Tags -contains 'parallel'",
            "Split-Path -Leaf (Split-Path (Get-Command New-Dispatcher).ImplementingType.Assembly.Location)",
            "1..3 | Invoke-DispatchTask { $_ * 10 } -Ordered",
            "1 | Invoke-DispatchTask { Import-Module $args; (Get-Module Dispatcher).PrivateData.Build } -ArgumentList $folder/Dispatcher.psd1");
        string folder = Directory.CreateTempSubdirectory("dispatcher-broken-").FullName;
        Assert.Equal(
            ["net8.0", "True", "net8.0", "10", "20", "30", "net8.0"],
            (await RunAsync("$folder = '" + folder + "/Dispatcher'\n" + script)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task It_is_imported_in_constrained_language_too()
    {
        string script = string.Join('\n',
            "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'",
            "Import-Module '" + ModulePackage.Manifest + "'",
            "(Get-Module Dispatcher).PrivateData.Build",
            "(Get-Command -Module Dispatcher).Count");
        Assert.Equal(
            ["net8.0", "16"],
            (await RunAsync(script)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<string> RunAsync(string script)
    {
        ProcessStartInfo start = PowerShellHost.Create(script);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process host = PowerShellHost.Start(start);
        Task<string> output = host.StandardOutput.ReadToEndAsync();
        string errors = await host.StandardError.ReadToEndAsync().WaitAsync(Limits.Hang);
        Assert.Equal("", errors);
        return await output;
    }
}
