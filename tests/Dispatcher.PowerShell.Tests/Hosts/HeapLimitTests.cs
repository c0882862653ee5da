using System;
using System.Diagnostics;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>A task takes all the memory there is. It fails by that; the host, the other tasks and the counts do not.</summary>
public sealed class HeapLimitTests
{
    private const int Runs = 10;

    // Large objects: where small ones take the last byte, the runtime itself has none left to go on with.
    private const string Output = "[string]::new([char]'x', 500KB)";

    [UnixFact]
    public void A_task_that_runs_out_of_memory_ends_no_host()
    {
        for (int run = 1; run <= Runs; run++)
        {
            string script = string.Join('\n',
                "Import-Module '" + StagedModule.Manifest + "'",
                "$WarningPreference = 'SilentlyContinue' # Of much output that nobody receives.",
                "$d = New-Dispatcher -MaxWorkers 2 -TaskTimeout 0 -HistorySize 0",
                "$d | Start-Dispatcher",
                "$big = Send-DispatchTask { for ($i = 0; $i -lt 2000; $i++) { " + Output + " } }",
                "$small = 1..20 | Send-DispatchTask { $_ }",

                // The memory is full for this script as well, until it has dropped what the task wrote.
                "function Repeat { param($Do) for ($n = 0; $n -lt 1000; $n++) { try { return & $Do } catch { [GC]::Collect() } } }",
                "Repeat { $big | Wait-DispatchTask -ErrorAction Stop | Out-Null }",
                "$state = $big.State; $big = $null; [GC]::Collect(); [GC]::WaitForPendingFinalizers(); [GC]::Collect()",
                "Repeat { $small | Wait-DispatchTask -ErrorAction Stop | Out-Null }",
                "Repeat { $s = $d.Statistics; \"$state $($s.Sent) $($s.Pending) $($s.Running) $($s.Completed + $s.Failed)\" }",
                "Repeat { Send-DispatchTask { 'after' } -ErrorAction Stop | Receive-DispatchTask -Wait -ErrorAction Stop }");
            ProcessStartInfo start = PowerShellHost.Create(script);
            start.Environment["DOTNET_GCHeapHardLimit"] = "0x12C00000";
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            using Process host = PowerShellHost.Start(start);
            System.Threading.Tasks.Task<string> errors = host.StandardError.ReadToEndAsync();
            string written = host.StandardOutput.ReadToEnd();
            Assert.True(host.WaitForExit(Limits.Hang), "The host did not end.");
            Assert.True(host.ExitCode == 0, "Run " + run + " ended the host: " + written + errors.GetAwaiter().GetResult());
            Assert.Equal("Failed 21 0 0 21\nafter\n", written);
        }
    }
}
