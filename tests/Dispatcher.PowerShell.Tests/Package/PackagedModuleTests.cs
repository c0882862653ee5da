using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The module as it is installed from the package, in a process of its own: it shares no assembly with these tests.</summary>
public sealed class PackagedModuleTests
{
    [Theory]
    [InlineData("7.6", "net8.0")]
    [InlineData("7.4", "net8.0")]
    [InlineData("7.3.12", "netstandard2.0")]
    [InlineData("5.1.26100", "netstandard2.0")]
    public async Task It_loads_the_build_for_the_version_and_runs_tasks(string version, string build)
    {
        string script = string.Join('\n',
            "$PSVersionTable['PSVersion'] = [version] '" + version + "'",
            "Import-Module '" + ModulePackage.Manifest + "'",
            "1..3 | Invoke-DispatchTask { $_ * 10 } -Ordered",
            "(Get-Command New-Dispatcher).ImplementingType.Assembly.Location",
            "(New-Dispatcher).GetType().Assembly.Location");
        string folder = Path.Combine(ModulePackage.Folder, "bin", build);
        Assert.Equal(
            ["10", "20", "30", Path.Combine(folder, "Dispatcher.PowerShell.dll"), Path.Combine(folder, "Dispatcher.Core.dll")],
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
