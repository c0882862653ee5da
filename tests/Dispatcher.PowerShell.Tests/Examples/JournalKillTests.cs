using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class JournalKillTests
{
    [UnixFact]
    public async Task Twenty_kills_lose_nothing_that_was_recorded_and_repeat_little()
    {
        string script = Path.Combine(StagedModule.Metadata("Benchmarks"), "Invoke-JournalKills.ps1");
        ProcessStartInfo start = PowerShellHost.Create("& '" + script + "' -Kills 20 | Out-String; exit $LASTEXITCODE");
        start.RedirectStandardOutput = true;
        start.Environment["PSModulePath"] = Path.GetFullPath(Path.Combine(StagedModule.Folder, "..", "..")) + Path.PathSeparator + start.Environment["PSModulePath"];
        using Process host = PowerShellHost.Start(start);
        Task<string> reading = host.StandardOutput.ReadToEndAsync();
        if (!host.WaitForExit(10 * Limits.Hang))
        {
            host.Kill(entireProcessTree: true);
            Assert.Fail("It has not ended.");
        }

        string output = await reading;
        Assert.True(host.ExitCode == 0, output);
        Assert.Matches(@"Kills\s*: 20\s", output);
    }
}
