using System;
using System.Diagnostics;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What ends a task ends what that task has started, and nothing else.</summary>
public sealed class TaskProcessesTests : IDisposable
{
    private readonly Session _session = new();
    private readonly string _kept = Processes.LongSleep();
    private readonly string _own = Processes.LongSleep();

    public TaskProcessesTests()
    {
        _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0.2");
        _session["kept"] = _kept;
        _session["own"] = _own;
        Assert.Equal(["Completed"], _session.Text("(Send-DispatchTask { $null = [Diagnostics.Process]::Start('sleep', $using:kept) } -Timeout 0 | Wait-DispatchTask).State"));
    }

    public void Dispose()
    {
        _session.Dispose();
        foreach (int id in Processes.With(_kept))
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
    }

    [UnixTheory]
    [InlineData("& sleep $using:own")]
    [InlineData("$null = [Diagnostics.Process]::Start('sleep', $using:own); while ($true) { }")]
    [InlineData("$null = [Diagnostics.Process]::Start('sleep', $using:own); [Threading.Thread]::Sleep(100000)")]
    public void A_timeout_ends_what_its_own_task_has_started_and_not_what_another_left(string body)
    {
        Assert.Equal(["TimedOut"], _session.Text("(Send-DispatchTask { " + body + " } -Timeout 1 | Wait-DispatchTask).State"));
        Processes.AssertNone(_own);
        Assert.Single(Processes.With(_kept));
    }

    [UnixFact]
    public void A_stop_ends_what_its_own_task_has_started_and_not_what_another_left()
    {
        Gate gate = _session.AddGate();
        _session.Run("$t = Send-DispatchTask { $null = [Diagnostics.Process]::Start('sleep', $using:own); ($using:gate).Arrive(); while ($true) { } } -Timeout 0");
        gate.WaitForArrivals();
        Assert.Equal(["Stopped"], _session.Text("$t | Stop-DispatchTask; $t.State"));
        Processes.AssertNone(_own);
        Assert.Single(Processes.With(_kept));
    }
}
