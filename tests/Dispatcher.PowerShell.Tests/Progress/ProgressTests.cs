using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests.Progress;

public sealed class ProgressTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Invoke_shows_how_far_it_is_and_takes_it_down_at_the_end()
    {
        Gate gate = _session.AddGate();
        Invocation invocation = _session.Start(
            "1..5 | Invoke-DispatchTask -MaxWorkers 2 { if ($_ -gt 3) { ($using:gate).Pass() } elseif ($_ -eq 2) { throw 'bad' } } -ErrorAction SilentlyContinue");
        ProgressRecord shown = WaitForProgress(invocation, "3 of 5 done, 2 running, 1 failed");
        Assert.Equal("Invoke-DispatchTask", shown.Activity);
        Assert.Equal(60, shown.PercentComplete);
        Assert.True(shown.SecondsRemaining >= 0);
        gate.Open();
        AssertTakenDown(invocation.Finish());
    }

    [Theory]
    [InlineData("-Name copy", "Invoke-DispatchTask: copy", "bar")]
    [InlineData("-Name { \"file $_\" }", "Invoke-DispatchTask", "file 1: bar")]
    [InlineData("", "Invoke-DispatchTask", "bar")]
    public void Bars_carry_the_name(string name, string root, string own)
    {
        Invocation run = _session.Invoke("1 | Invoke-DispatchTask { Write-Progress bar half } " + name);
        Assert.Contains(run.Streams.Progress, record => string.Equals(record.Activity, root, StringComparison.Ordinal) && record.ParentActivityId < 0);
        Assert.Contains(run.Streams.Progress, record => string.Equals(record.Activity, own, StringComparison.Ordinal) && record.ParentActivityId > 0);
    }

    [Fact]
    public void Total_is_not_known_while_the_input_is_open()
    {
        Gate gate = _session.StartDispatcher("-MaxWorkers 2 -QueueSize 1").AddGate();
        Invocation invocation = _session.Start("1..9 | Invoke-DispatchTask { ($using:gate).Pass() } -Dispatcher d");
        ProgressRecord shown = WaitForProgress(invocation, "0 done so far, 2 running");
        Assert.Equal(-1, shown.PercentComplete);
        Assert.Equal(-1, shown.SecondsRemaining);
        gate.Open();
        AssertTakenDown(invocation.Finish());
    }

    [Fact]
    public void Wait_shows_how_far_the_tasks_are()
    {
        Gate gate = _session.StartDispatcher("-MaxWorkers 2").AddGate();
        Invocation invocation = _session.Start("$t = 1..4 | Send-DispatchTask { if ($_ -gt 2) { ($using:gate).Pass() } }; $null = $t | Wait-DispatchTask");
        Assert.Equal("Wait-DispatchTask", WaitForProgress(invocation, "2 of 4 done, 2 running").Activity);
        gate.Open();
        AssertTakenDown(invocation.Finish());
    }

    [Fact]
    public void Receive_with_Wait_shows_how_far_the_tasks_are()
    {
        Gate gate = _session.StartDispatcher("-MaxWorkers 2").AddGate();
        Invocation invocation = _session.Start("1..4 | Send-DispatchTask { if ($_ -gt 2) { ($using:gate).Pass() }; $_ } | Receive-DispatchTask -Wait -Ordered");
        Assert.Equal("Receive-DispatchTask", WaitForProgress(invocation, "2 of 4 done, 2 running").Activity);
        gate.Open();
        AssertTakenDown(invocation.Finish());
        Assert.Equal(["1", "2", "3", "4"], invocation.Text);
    }

    [Fact]
    public void A_drain_shows_what_it_waits_for_and_not_what_was_done_before()
    {
        Gate gate = _session.StartDispatcher("-MaxWorkers 2").AddGate();
        _session.Run("$null = 1..7 | Send-DispatchTask { } | Wait-DispatchTask; $null = 1..3 | Send-DispatchTask { ($using:gate).Pass() }");
        gate.WaitForArrivals(2);
        Invocation invocation = _session.Start("Stop-Dispatcher d -Drain");
        Assert.Equal("Stop-Dispatcher", WaitForProgress(invocation, "0 of 3 done, 2 running").Activity);
        gate.Open();
        AssertTakenDown(invocation.Finish());
    }

    [Fact]
    public void A_drain_that_runs_out_of_time_takes_it_down_as_well()
    {
        Gate gate = _session.StartDispatcher("-StopGrace 0").AddGate();
        _session.Run("$null = Send-DispatchTask { ($using:gate).Pass() }");
        gate.WaitForArrivals();
        Invocation invocation = _session.Invoke("Stop-Dispatcher d -Drain -Timeout 1.5");
        Assert.StartsWith("DispatcherStopTimedOut", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        AssertTakenDown(invocation);
    }

    [Fact]
    public void Ctrl_C_takes_it_down()
    {
        Gate gate = _session.AddGate();
        Invocation invocation = _session.Start("Invoke-DispatchTask { ($using:gate).Pass() }");
        WaitForProgress(invocation, "0 of 1 done, 1 running");
        Assert.True(invocation.Stop().WasStopped);
        AssertTakenDown(invocation);
    }

    [Fact]
    public void An_error_that_ends_the_cmdlet_takes_it_down()
    {
        Gate gate = _session.AddGate();
        Invocation invocation = _session.Start("Invoke-DispatchTask { ($using:gate).Pass(); throw 'bad' } -ErrorAction Stop");
        WaitForProgress(invocation, "0 of 1 done, 1 running");
        gate.Open();
        Assert.NotNull(invocation.Finish().Terminated);
        AssertTakenDown(invocation);
    }

    [Fact]
    public void Bars_of_the_tasks_stand_below_it()
    {
        Gate gate = _session.AddGate();
        Invocation invocation = _session.Start("""
            Invoke-DispatchTask {
                [CmdletBinding()] param()
                $PSCmdlet.WriteProgress([Management.Automation.ProgressRecord]::new(7, 'mine', 'half way'))
                ($using:gate).Pass()
            }
            """);
        ProgressRecord mine = WaitForProgress(invocation, "half way");
        ProgressRecord whole = WaitForProgress(invocation, "0 of 1 done, 1 running");
        Assert.Equal(whole.ActivityId, mine.ParentActivityId);
        gate.Open();
        AssertTakenDown(invocation.Finish());
    }

    [Theory]
    [InlineData("$ProgressPreference = 'SilentlyContinue'; ", "")]
    [InlineData("", " -ProgressAction SilentlyContinue")]
    public void Silenced_there_is_none(string before, string after)
    {
        Gate gate = _session.AddGate();
        Gate second = _session.AddGate("second");

        // The second cmdlet shows progress only after the time in which the first one would have.
        Invocation invocation = _session.Start(before + "& { Invoke-DispatchTask { ($using:gate).Pass() }" + after + " }; $ProgressPreference = 'Continue'; Invoke-DispatchTask { ($using:second).Pass() } -Name last");
        gate.WaitForArrivals();
        using (var other = new Session())
        {
            Gate clock = other.AddGate();
            Invocation timer = other.Start("Invoke-DispatchTask { ($using:gate).Pass() }");
            WaitForProgress(timer, "0 of 1 done, 1 running");
            clock.Open();
            timer.Finish();
        }

        Assert.Empty(invocation.Streams.Progress);
        gate.Open();
        WaitForProgress(invocation, "0 of 1 done, 1 running");
        second.Open();
        AssertTakenDown(invocation.Finish());
    }

    [Fact]
    public void Inside_a_task_there_is_none_since_its_log_would_grow()
    {
        Gate gate = _session.AddGate();
        Invocation invocation = _session.Start("Invoke-DispatchTask { $gate = $using:gate; Invoke-DispatchTask { ($using:gate).Pass() } }");
        gate.WaitForArrivals();
        WaitForProgress(invocation, "0 of 1 done, 1 running");
        gate.Open();
        invocation.Finish();
        Assert.Single(invocation.Streams.Progress.Select(record => record.ActivityId).Distinct());
    }

    private static ProgressRecord WaitForProgress(Invocation invocation, string status)
    {
        // By index: records come meanwhile, and a copy of the whole would fail by that.
        ProgressRecord? Find() => Enumerable.Range(0, invocation.Streams.Progress.Count).Select(i => invocation.Streams.Progress[i]).LastOrDefault(record => record.StatusDescription.Contains(status, StringComparison.Ordinal));
        Session.Eventually(() => Find() is not null || invocation.IsCompleted, "There was no progress.");
        return Find() ?? throw new InvalidOperationException("There was only: " + string.Join(" | ", invocation.Streams.Progress.Select(record => record.StatusDescription)));
    }

    private static void AssertTakenDown(Invocation invocation)
    {
        IReadOnlyList<ProgressRecord> records = invocation.Streams.Progress.ToArray();
        Assert.NotEmpty(records);
        Assert.All(records.GroupBy(record => record.ActivityId), bar => Assert.Equal(ProgressRecordType.Completed, bar.Last().RecordType));
    }
}
