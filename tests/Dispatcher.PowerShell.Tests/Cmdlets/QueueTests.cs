using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class QueueTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void In_Wait_mode_a_full_queue_that_is_not_running_is_a_clear_error()
    {
        Invocation invocation = _session.Invoke("$d = New-Dispatcher d -QueueSize 2; 1..5 | Send-DispatchTask { $_ }");
        Assert.Equal(2, invocation.Output.Count);
        Assert.StartsWith("QueueFullNotRunning,", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidOperation, invocation.Error.CategoryInfo.Category);
        Assert.Contains("'d' is full (2 tasks)", invocation.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["2", "2"], _session.Text("$d.Statistics.Sent; $d.Statistics.Pending"));
    }

    [Fact]
    public void In_Wait_mode_Send_waits_for_room()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -QueueSize 2");
        Invocation sending = _session.Start("$t = 1..20 | Send-DispatchTask { ($using:gate).Pass(); $_ } -Timeout 0; $t.Count");
        gate.WaitForArrivals();
        Assert.False(sending.IsCompleted);
        gate.Open();
        Assert.Equal(["20"], sending.Finish().Text);
        Assert.Equal(20, _session.Run("$t | Receive-DispatchTask -Wait").Count);
    }

    [Fact]
    public void A_Send_that_waits_is_stopped_at_once_and_its_task_was_not_sent()
    {
        Gate gate = _session.AddGate();
        dynamic dispatcher = _session.StartDispatcher("-MaxWorkers 1 -QueueSize 1").One("$d");
        Invocation sending = _session.Start("1..20 | Send-DispatchTask { ($using:gate).Pass() } -Timeout 0");
        gate.WaitForArrivals();
        Session.Eventually(() => sending.Output.Count >= 2, "The first two were not sent.");
        sending.Stop();
        Assert.True(sending.WasStopped);
        Assert.Equal(2, dispatcher.Statistics.Sent);
        gate.Open();
        Assert.Equal(["2"], _session.Text("$null = Wait-DispatchTask; $d.Statistics.Completed"));
    }

    [Fact]
    public void A_Send_that_waits_fails_when_the_dispatcher_is_stopped_for_good()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -QueueSize 1 -StopGrace 0.1");
        Invocation sending = _session.Start("1..20 | Send-DispatchTask { ($using:gate).Pass() } -Timeout 0");
        gate.WaitForArrivals();
        Session.Eventually(() => sending.Output.Count >= 2, "The first two were not sent.");
        using var other = new Session();
        other.Run("$args[0] | Stop-Dispatcher -Force", sending.Objects[0].Properties["Dispatcher"].Value);
        Assert.StartsWith("QueueFullNotRunning,", sending.Finish().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Send_that_waits_fails_when_the_dispatcher_is_removed()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -QueueSize 1 -StopGrace 0.1");
        Invocation sending = _session.Start("1..20 | Send-DispatchTask { ($using:gate).Pass() } -Timeout 0");
        gate.WaitForArrivals();
        Session.Eventually(() => sending.Output.Count >= 2, "The first two were not sent.");
        using var other = new Session();
        other.Run("$args[0] | Remove-Dispatcher -Force", sending.Objects[0].Properties["Dispatcher"].Value);
        Assert.StartsWith("DispatcherRemoved,", sending.Finish().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void In_Reject_mode_each_task_too_many_is_an_error_and_counted()
    {
        Invocation invocation = _session.Invoke("$d = New-Dispatcher d -QueueSize 2 -QueueFullMode Reject; $t = 1..5 | Send-DispatchTask { $_ }; $t.Count");
        Assert.Equal(["2"], invocation.Text);
        Assert.Equal(3, invocation.Errors.Count);
        Assert.All(invocation.Errors, error =>
        {
            Assert.StartsWith("QueueFull,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.LimitsExceeded, error.CategoryInfo.Category);
        });
        Assert.Equal(["3", "4", "5"], invocation.Errors.Select(error => error.TargetObject.ToString()));
        Assert.Equal(["2", "3", "1", "2"], _session.Text("$d.Statistics.Sent; $d.Statistics.Rejected; Start-Dispatcher; $t | Receive-DispatchTask -Wait -Ordered"));
    }

    [Fact]
    public void In_Overflow_mode_all_are_accepted_and_run()
    {
        Assert.Equal(
            ["50", "50", "0", "1275"],
            _session.Text("""
                $d = New-Dispatcher d -QueueSize 2 -QueueFullMode Overflow
                $t = 1..50 | Send-DispatchTask { $_ }
                $t.Count; $d.Statistics.Pending; $d.Statistics.Rejected
                Start-Dispatcher
                $sum = 0; $t | Receive-DispatchTask -Wait | & { process { $script:sum += $_ } }
                $sum
                """));
    }

    [Fact]
    public void The_overflow_is_last_in_first_out()
    {
        Assert.Equal(
            ["1 2 5 4 3"],
            _session.Text("""
                $d = New-Dispatcher d -QueueSize 2 -QueueFullMode Overflow -MaxWorkers 1
                $order = [Collections.ArrayList]::new()
                $t = 1..5 | Send-DispatchTask { $null = ($using:order).Add($_) }
                Start-Dispatcher; Stop-Dispatcher -Drain
                "$order"
                """));
    }

    [Fact]
    public void Tasks_of_one_worker_run_in_the_order_sent()
    {
        Assert.Equal(["True"], _session.Text("""
            $null = New-Dispatcher d -MaxWorkers 1; Start-Dispatcher
            ((1..500 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait) -join ',') -eq (1..500 -join ',')
            """));
    }
}
