using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class StartStopTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Queued_tasks_run_when_it_is_started()
    {
        Assert.Equal(
            ["Pending", "Pending", "0", "1", "2"],
            _session.Text("""
                $d = New-Dispatcher d
                $t = 1..2 | Send-DispatchTask { $_ }
                $t.State
                $d.WorkerCount
                Start-Dispatcher d
                $t | Receive-DispatchTask -Wait -Ordered
                """));
    }

    [Fact]
    public void Starting_twice_changes_nothing()
    {
        Assert.Equal(["Running", "1"], _session.Text("$d = New-Dispatcher d; Start-Dispatcher; Start-Dispatcher; $d.Status; $d.WorkerCount"));
    }

    [Fact]
    public void Drain_finishes_everything()
    {
        _session.StartDispatcher("-MaxWorkers 2");
        Assert.Equal(
            ["50", "0", "0", "Stopped", "0"],
            _session.Text("""
                $null = 1..50 | Send-DispatchTask { $_ }
                Stop-Dispatcher -Drain
                $s = $d.Statistics
                $s.Completed; $s.Pending; $s.Running; $d.Status; $d.WorkerCount
                """));
    }

    [Fact]
    public void Drain_waits_for_retries_and_for_what_tasks_send_meanwhile()
    {
        _session.StartDispatcher();
        Assert.Equal(
            ["Failed", "3", "Completed"],
            _session.Text("""
                $t = Send-DispatchTask { throw 'no' } -Retry 2 -RetryDelay 0.05
                $child = [Collections.Concurrent.ConcurrentQueue[object]]::new()
                $null = Send-DispatchTask { ($using:child).Enqueue((Send-DispatchTask { 'late' })) }
                Stop-Dispatcher -Drain
                $t.State; $t.Attempt; $child.ToArray().State
                """));
    }

    [Fact]
    public void Without_Drain_running_tasks_finish_and_queued_ones_stay_for_the_next_start()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1");
        dynamic dispatcher = _session.One("$t = 1..3 | Send-DispatchTask { if ($_ -eq 1) { ($using:gate).Pass() }; $_ }; $d");
        gate.WaitForArrivals();
        Invocation stop = _session.Start("Stop-Dispatcher d");
        Session.Eventually(() => dispatcher.Status.ToString() == "Stopping", "The stop has not begun.");
        Assert.False(stop.IsCompleted);

        gate.Open();
        Assert.Empty(stop.Finish().Errors);
        Assert.Equal(["Stopped", "Completed", "Pending", "Pending", "2"], _session.Text("$d.Status; $t.State; $d.Statistics.Pending"));
        Assert.Equal(["2", "3"], _session.Text("Start-Dispatcher d; $t[1..2] | Receive-DispatchTask -Wait -Ordered"));
    }

    [Fact]
    public void Force_stops_what_runs_and_keeps_what_is_queued()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0.1");
        _session.Run("$t = 1..3 | Send-DispatchTask { ($using:gate).Pass(); $_ } -Timeout 0");
        gate.WaitForArrivals();
        Assert.Equal(["Stopped", "Stopped", "Pending", "Pending"], _session.Text("Stop-Dispatcher -Force; $d.Status; $t.State"));
        gate.Open();
        Assert.Equal(["2", "3"], _session.Text("Start-Dispatcher d; $t[1..2] | Receive-DispatchTask -Wait -Ordered"));
    }

    [Theory]
    [InlineData("Stop-Dispatcher -Timeout 0.2")]
    [InlineData("Stop-Dispatcher -Timeout 0")]
    [InlineData("Stop-Dispatcher -Drain -Timeout 0.2")]
    [InlineData("Stop-Dispatcher -Drain -Timeout '00:00:00.2'")]
    public void When_its_Timeout_runs_out_an_error_gives_the_counts_and_the_queue_is_kept(string command)
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0.1");
        _session.Run("$t = 1..3 | Send-DispatchTask { ($using:gate).Pass(); $_ } -Timeout 0");
        gate.WaitForArrivals();
        ErrorRecord error = _session.Fail(command);
        Assert.StartsWith("DispatcherStopTimedOut,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.IsType<TimeoutException>(error.Exception);
        Assert.Same(((PSObject)_session["d"]!).BaseObject, error.TargetObject);
        Assert.Contains("1 running", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("2 stay queued", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Stopped", "Stopped", "Pending", "Pending"], _session.Text("$d.Status; $t.State"));
    }

    [Fact]
    public void The_counts_leave_out_what_ended_in_another_way()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 2 -StopGrace 0.5");

        // Its limit was first: while it is in its grace it still runs, and it ends as TimedOut.
        _session.Run("$late = Send-DispatchTask { try { Start-Sleep 600 } finally { ($using:gate).Pass() } } -Timeout 0.1; $other = Send-DispatchTask { Start-Sleep 600 } -Timeout 0");
        gate.WaitForArrivals();
        ErrorRecord error = _session.Fail("Stop-Dispatcher -Timeout 0");
        Assert.Contains("1 running", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("0 stay queued", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["TimedOut", "Stopped"], _session.Text("$late.State; $other.State"));
    }

    [Fact]
    public void Tasks_that_wait_for_their_next_attempt_stay_queued_when_a_drain_takes_too_long()
    {
        _session.StartDispatcher("-MaxWorkers 1");
        _session.Run("$t = 1..2 | Send-DispatchTask { throw 'x' } -Retry 3 -RetryDelay 3600; while ($t.Attempt -contains 0 -or ($t.PendingReason -eq 'Retry').Count -lt 2) { [Threading.Thread]::Yield() }");
        ErrorRecord error = _session.Fail("Stop-Dispatcher -Drain -Timeout 0.1");
        Assert.EndsWith("0 running tasks were stopped, 2 stay queued.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_Timeout_that_suffices_is_no_error()
    {
        _session.StartDispatcher();
        Assert.Equal(["Completed", "Stopped"], _session.Text("$t = Send-DispatchTask { 1 }; Stop-Dispatcher -Drain -Timeout 60; $t.State; $d.Status"));
    }

    [Theory]
    [InlineData("Stop-Dispatcher -Timeout 0.2")]
    [InlineData("Stop-Dispatcher -Drain -Timeout 0.2")]
    [InlineData("Stop-Dispatcher -Force -Timeout 0.2")]
    public void A_stuck_cleanup_script_does_not_hold_a_Timeout(string command)
    {
        using Gate cleanup = _session.AddGate("cleanup");
        Gate left = _session.AddGate("left");
        _session.StartDispatcher("-MaxWorkers 1 -CleanupScript { try { ($using:cleanup).Pass() } finally { ($using:left).Arrive() } }");
        _session.Run("$null = Send-DispatchTask { } | Wait-DispatchTask");

        Invocation stopping = _session.Invoke(command);

        // What ends the script is its own limit, of 10 s. When the cmdlet returned that was still to come.
        Assert.Equal(0, left.Count);
        Assert.Equal(1, cleanup.Count);
        ErrorRecord error = Assert.Single(stopping.Errors);
        Assert.StartsWith("DispatcherStopTimedOut,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-CleanupScript", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Stopped", "0"], _session.Text("$d.Status; $d.Statistics.Running"));
        cleanup.Open();
    }

    [Fact]
    public void A_drain_does_not_drain_a_dispatcher_that_was_started_again()
    {
        using Gate cleanup = _session.AddGate("cleanup");
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -CleanupScript { ($using:cleanup).Pass() }");
        dynamic dispatcher = _session.One("$d");
        _session.Run("$t = Send-DispatchTask { ($using:gate).Pass() }");
        gate.WaitForArrivals();
        using var other = new Session();
        other["d"] = _session["d"];
        Invocation draining = other.Start("$d | Stop-Dispatcher -Drain");
        Session.Eventually(() => dispatcher.Status.ToString() == "Draining", "the drain to begin");

        // It stops, and while its worker is on its way out, it is started again.
        gate.Open();
        cleanup.WaitForArrivals();
        Session.Eventually(() => dispatcher.Status.ToString() == "Stopped", "the stop");
        _session.Run("Start-Dispatcher d");

        Assert.Equal([], draining.Finish().Errors);
        Assert.Equal("Running", dispatcher.Status.ToString());
        cleanup.Open();
    }

    [Fact]
    public void Stopping_a_stopped_one_is_no_error()
    {
        Assert.Equal(["Stopped"], _session.Text("$d = New-Dispatcher d; Stop-Dispatcher; Stop-Dispatcher -Drain; Stop-Dispatcher -Force; $d.Status"));
    }

    [Fact]
    public void Draining_a_stopped_one_that_has_tasks_is_an_error_as_nothing_would_finish_them()
    {
        ErrorRecord error = _session.Fail("$d = New-Dispatcher d; $t = Send-DispatchTask { 1 }; Stop-Dispatcher -Drain");
        Assert.StartsWith("DispatcherNotRunning,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Contains("Start-Dispatcher", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Pending"], _session.Text("$t.State"));
    }

    [Fact]
    public void Drain_with_Force_is_an_error()
    {
        ErrorRecord error = _session.Fail("$d = New-Dispatcher d; Start-Dispatcher; Stop-Dispatcher -Drain -Force");
        Assert.StartsWith("DrainWithForce,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["Running"], _session.Text("$d.Status"));
    }

    [Theory]
    [InlineData("Stop-Dispatcher d -WhatIf")]
    [InlineData("Stop-Dispatcher d -Drain -WhatIf")]
    [InlineData("Stop-Dispatcher d -Force -WhatIf")]
    [InlineData("Remove-Dispatcher d -Force -WhatIf")]
    [InlineData("Set-Dispatcher d -MaxWorkers 9 -WhatIf")]
    [InlineData("$t | Stop-DispatchTask -WhatIf")]
    public void WhatIf_changes_nothing_not_even_with_Force(string command)
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 3");
        _session.Run("$t = Send-DispatchTask { ($using:gate).Pass(); 'done' }");
        gate.WaitForArrivals();
        _session.Run(command);
        Assert.Equal(["Running", "3", "Running", "d"], _session.Text("$d.Status; $d.MaxWorkers; $t.State; (Get-Dispatcher).Name"));
        gate.Open();
        Assert.Equal(["done"], _session.Text("$t | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void Set_resizes_while_it_runs()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1");
        _session.Run("$t = 1..4 | Send-DispatchTask { ($using:gate).Pass() } -Timeout 0");
        gate.WaitForArrivals();
        _session.Run("Set-Dispatcher d -MaxWorkers 4");
        gate.WaitForArrivals(3);
        Assert.Equal(["4", "4"], _session.Text("$d.Statistics.Running; $d.WorkerCount"));
        gate.Open();
        _session.Run("$null = $t | Wait-DispatchTask; Set-Dispatcher d -MinWorkers 3; Set-Dispatcher d -MinWorkers 1 -MaxWorkers 1");
        Assert.Equal(["1"], _session.Text("$d.WorkerCount"));
    }

    [Fact]
    public void Set_changes_each_setting_and_leaves_the_others()
    {
        Assert.Equal(
            ["2", "3", "4", "5", "6", "7", "|", "2", "8", "4"],
            _session.Text("""
                $d = New-Dispatcher d
                Set-Dispatcher d -MinWorkers 2 -MaxWorkers 3 -QueueSize 4 -TaskTimeout 5 -StopGrace 6 -ScaleDownInterval 7
                $d.MinWorkers; $d.MaxWorkers; $d.QueueSize; $d.TaskTimeout.TotalSeconds; $d.StopGrace.TotalSeconds; $d.ScaleDownInterval.TotalSeconds
                '|'
                Set-Dispatcher d -ThrottleLimit 8
                $d.MinWorkers; $d.MaxWorkers; $d.QueueSize
                """));
    }

    [Theory]
    [InlineData("-MinWorkers 9")]
    [InlineData("-MaxWorkers 1")]
    [InlineData("-MinWorkers 9 -MaxWorkers 8 -QueueSize 77")]
    public void Set_refuses_a_maximum_below_the_minimum_and_changes_nothing(string parameters)
    {
        ErrorRecord error = _session.Fail("$d = New-Dispatcher d -MinWorkers 2 -MaxWorkers 3; Set-Dispatcher d " + parameters);
        Assert.StartsWith("InvalidWorkerCount,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Equal(["2", "3", "1000"], _session.Text("$d.MinWorkers; $d.MaxWorkers; $d.QueueSize"));
    }

    [Fact]
    public void A_bigger_queue_lets_waiting_senders_in()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -QueueSize 1");
        using var sender = new Session();
        sender["d"] = _session["d"];
        sender["gate"] = gate;
        Invocation sending = sender.Start("1..5 | Send-DispatchTask { ($using:gate).Pass() } -Dispatcher $d -Timeout 0");
        gate.WaitForArrivals();
        _session.Run("Set-Dispatcher d -QueueSize 10");
        Assert.Equal(5, sending.Finish().Output.Count);
        gate.Open();
    }

    [Fact]
    public void Removing_a_running_one_is_refused_without_Force()
    {
        _session.StartDispatcher();
        ErrorRecord error = _session.Fail("Remove-Dispatcher d");
        Assert.StartsWith("DispatcherNotStopped,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Contains("-Force", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["d", "Running"], _session.Text("(Get-Dispatcher).Name; $d.Status"));
    }

    [Fact]
    public void Remove_ends_queued_tasks_as_Stopped()
    {
        Assert.Equal(
            ["Stopped", "Stopped", "True"],
            _session.Text("$d = New-Dispatcher d; $t = 1..2 | Send-DispatchTask { 1 }; Remove-Dispatcher d; $t.State; $null -eq (Get-Dispatcher)"));
    }

    [Fact]
    public void Remove_with_Force_ends_running_and_queued_tasks()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0.1");
        _session.Run("$t = 1..3 | Send-DispatchTask { ($using:gate).Pass() } -Timeout 0");
        gate.WaitForArrivals();
        Assert.Equal(
            ["Stopped", "Stopped", "Stopped", "0", "3", "3"],
            _session.Text("Remove-Dispatcher d -Force; $t.State; Get-Dispatcher; $d.WorkerCount; $d.Statistics.Stopped; $d.Statistics.Sent"));
    }

    [Fact]
    public void A_stopped_task_can_still_be_received()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-StopGrace 0.1");
        _session.Run("$t = Send-DispatchTask { 'before'; ($using:gate).Pass(); 'after' } -Timeout 0");
        gate.WaitForArrivals();
        Assert.Equal(["before"], _session.Text("Remove-Dispatcher d -Force; $t | Receive-DispatchTask"));
    }

    [Fact]
    public void Statistics_always_add_up()
    {
        _session.StartDispatcher("-MaxWorkers 3 -StopGrace 0.1");
        _session.Run("""
            $t = 1..40 | Send-DispatchTask { if ($_ % 4 -eq 0) { throw 'x' }; if ($_ % 10 -eq 1) { while ($true) { } } } -Timeout 0.3
            for ($i = 0; $d.Statistics.Pending + $d.Statistics.Running -gt 0; $i++) {
                $s = $d.Statistics
                if ($s.Sent -ne $s.Pending + $s.Running + $s.Completed + $s.Failed + $s.TimedOut + $s.Stopped) { throw "$s" }
            }
            """);
        Assert.Equal(["40", "26", "10", "4"], _session.Text("$s = $d.Statistics; $s.Sent; $s.Completed; $s.Failed; $s.TimedOut"));
    }
}
