using System;
using System.Diagnostics;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>A task takes all the memory there is. It fails by that; the host, the other tasks and the counts do not.</summary>
public sealed class HeapLimitTests
{
    private const int Runs = 5;

    // Many small objects, and few large ones.
    [UnixTheory]
    [InlineData("[byte[]]::new(1MB)")]
    [InlineData("'x' * 500KB")]
    public void A_task_that_runs_out_of_memory_ends_no_host(string output)
    {
        for (int run = 1; run <= Runs; run++)
        {
            // Where the engine itself survives a statement that fails, the block goes on and completes, with errors.
            string script = string.Join('\n',
                "Import-Module '" + StagedModule.Manifest + "'",
                "$d = New-Dispatcher -MaxWorkers 2 -TaskTimeout 0",
                "$d | Start-Dispatcher",
                "$big = Send-DispatchTask { for ($i = 0; $i -lt 2000; $i++) { " + output + " } }",
                "$small = 1..20 | Send-DispatchTask { $_ }",
                "$null = $big, $small | ForEach-Object { $_ } | Wait-DispatchTask",
                "$s = $d.Statistics",
                "\"$($big.HadErrors) $(@($small | Where-Object State -in Completed, Failed).Count) $($s.Sent) $($s.Pending) $($s.Running) $($s.Completed + $s.Failed)\"",
                "$big = $null; [GC]::Collect()",
                "(Send-DispatchTask { 'after' } | Receive-DispatchTask -Wait)");
            ProcessStartInfo start = PowerShellHost.Create(script);
            start.Environment["DOTNET_GCHeapHardLimit"] = "0x12C00000";
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            using Process host = PowerShellHost.Start(start);
            System.Threading.Tasks.Task<string> errors = host.StandardError.ReadToEndAsync();
            string written = host.StandardOutput.ReadToEnd();
            Assert.True(host.WaitForExit(Limits.Hang), "The host did not end.");
            Assert.True(host.ExitCode == 0, "Run " + run + " ended the host: " + written + errors.GetAwaiter().GetResult());
            Assert.Equal("True 20 21 0 0 21\nafter\n", written);
        }
    }
}
