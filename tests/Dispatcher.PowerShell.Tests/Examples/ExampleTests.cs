using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Xunit;
using Engine = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell.Tests;

/// <summary>The examples find their module, wherever they are.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string> Folders => [Path.Combine(ModulePackage.RepositoryRoot, "module", "examples"), Path.Combine(StagedModule.Folder, "examples")];

    [Theory]
    [MemberData(nameof(Folders))]
    public void They_run_in_a_session_without_the_module(string folder)
    {
        string[] output = Run(folder, out ErrorRecord? error);
        Assert.Null(error);
        Assert.Equal(Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal), output.Select(line => line.Split("  ")[^1].Trim()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Where_there_is_none_they_say_what_to_do()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string examples = Directory.CreateDirectory(Path.Combine(folder, "module", "examples")).FullName;
            foreach (string file in Directory.GetFiles(Path.Combine(ModulePackage.RepositoryRoot, "module", "examples")))
            {
                File.Copy(file, Path.Combine(examples, Path.GetFileName(file)));
            }

            File.Copy(Path.Combine(ModulePackage.RepositoryRoot, "module", "Dispatcher.psd1"), Path.Combine(folder, "module", "Dispatcher.psd1"));
            Run(examples, out ErrorRecord? error);
            Assert.Contains("dotnet build", error?.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_service_that_is_often_busy_answers_every_call_in_the_end()
    {
        using var session = new Session();
        session.Run("$r = & $args[0] -Count 100 -Seed 7", Path.Combine(StagedModule.Folder, "examples", "Invoke-FlakyService.ps1"));
        Assert.Equal(["100", "100", "True", "True", "True"], session.Text("$r.Calls; $r.Answered; $r.Refused -gt 0; $r.Attempts -eq 100 + $r.Refused; $r.MostAtOnce -le 5"));
    }

    [Fact]
    public void None_is_stopped_before_it_can_look() => Assert.All(
        Directory.GetFiles(Path.Combine(ModulePackage.RepositoryRoot, "module", "examples")),
        file => Assert.DoesNotContain("#Requires -Modules", File.ReadAllText(file), StringComparison.OrdinalIgnoreCase));

    private static string[] Run(string folder, out ErrorRecord? error)
    {
        using var engine = Engine.Create(RunspaceMode.NewRunspace);
        engine.AddScript("$env:PSModulePath = $args[1]; try { & $args[0] -Path (Split-Path $args[0]) } finally { $env:PSModulePath = $args[2]; Remove-Module Dispatcher -ErrorAction Ignore }")
            .AddArgument(Path.Combine(folder, "Measure-SourceLine.ps1"))
            .AddArgument(Path.Combine(folder, "no-modules"))
            .AddArgument(Environment.GetEnvironmentVariable("PSModulePath"));
        try
        {
            string[] output = [.. engine.Invoke().Select(line => line.ToString())];
            error = engine.Streams.Error.FirstOrDefault();
            return output;
        }
        catch (RuntimeException e)
        {
            error = e.ErrorRecord;
            return [];
        }
    }
}
