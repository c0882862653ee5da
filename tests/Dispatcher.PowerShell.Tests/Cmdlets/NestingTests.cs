using System;
using System.Linq;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Tasks that use dispatchers, and sessions that share one.</summary>
public sealed class NestingTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_task_sends_to_its_own_dispatcher_and_waits_with_one_worker()
    {
        _session.StartDispatcher("-MaxWorkers 1");
        Assert.Equal(["inner:5"], _session.Text("Send-DispatchTask { Send-DispatchTask { \"inner:$_\" } -InputObject 5 | Receive-DispatchTask -Wait } | Receive-DispatchTask -Wait"));
        Assert.Equal(["Completed"], _session.Text("Send-DispatchTask { $t = 1..3 | Send-DispatchTask { }; $null = $t | Wait-DispatchTask; $t[2].State } | Receive-DispatchTask -Wait"));
        _session.Run("Stop-Dispatcher -Drain -Timeout 60");
    }

    [Fact]
    public void Tasks_within_tasks_within_tasks()
    {
        _session.StartDispatcher("-MaxWorkers 1");
        Assert.Equal(
            ["55"],
            _session.Text("""
                $fib = {
                    param($n, $self)
                    if ($n -lt 2) { return $n }
                    $t = ($n - 1), ($n - 2) | & { process { Send-DispatchTask ([scriptblock]::Create($self)) -ArgumentList $_, $self -Timeout 0 } }
                    $sum = 0; foreach ($x in $t | Receive-DispatchTask -Wait) { $sum += $x }; $sum
                }
                Send-DispatchTask $fib -ArgumentList 10, "$fib" -Timeout 0 | Receive-DispatchTask -Wait
                """));
        dynamic dispatcher = _session.One("$d");
        Session.Eventually(() => dispatcher.WorkerCount <= 1, "The pool has not shrunk again.");
    }

    [Fact]
    public void Tasks_that_wait_for_dispatchers_of_their_own_are_no_more_than_MaxWorkers()
    {
        Gate gate = _session.AddGate();
        Gate outer = _session.AddGate("outer");
        Invocation running = _session.Start("""
            1..12 | Invoke-DispatchTask -MaxWorkers 2 {
                ($using:outer).Arrive()
                $g = $using:gate
                1..2 | Invoke-DispatchTask { ($using:g).Pass(); $_ } -MaxWorkers 2
            }
            """);
        gate.WaitForArrivals(4);

        // What must not come would come with the waits.
        SpinWait.SpinUntil(() => outer.Count > 2, TimeSpan.FromMilliseconds(300));
        Assert.Equal(2, outer.Count);
        gate.Open();
        Assert.Equal(24, running.Finish().Output.Count);
    }

    [Fact]
    public void A_task_whose_own_queue_is_full_waits_for_room()
    {
        _session.StartDispatcher("-MaxWorkers 1 -QueueSize 1");
        Assert.Equal(["20"], _session.Text("Send-DispatchTask { (1..20 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait).Count } -Timeout 0 | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void Inside_a_task_the_dispatcher_left_out_is_the_one_that_runs_it()
    {
        _session.StartDispatcher();
        Assert.Equal(
            ["d", "e"],
            _session.Text("""
                $e = New-Dispatcher e; Start-Dispatcher e
                'd', 'e' | & { process { Send-DispatchTask { (Send-DispatchTask { }).Dispatcher.Name } -Dispatcher $_ | Receive-DispatchTask -Wait } }
                """));
    }

    [Fact]
    public void Inside_a_task_the_dispatchers_of_its_session_are_found_by_name()
    {
        _session.StartDispatcher();
        Assert.Equal(
            ["d e", "from e"],
            _session.Text("$e = New-Dispatcher e; Start-Dispatcher e; Send-DispatchTask { \"$((Get-Dispatcher).Name)\"; Send-DispatchTask { 'from e' } -Dispatcher e | Receive-DispatchTask -Wait } -Dispatcher d | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void A_task_can_have_a_dispatcher_of_its_own()
    {
        _session.StartDispatcher("-MaxWorkers 2");
        Assert.Equal(
            ["3", "3"],
            _session.Text("""
                1..2 | Send-DispatchTask {
                    $mine = New-Dispatcher mine -MaxWorkers 1
                    Start-Dispatcher mine
                    (1..3 | Send-DispatchTask { $_ } -Dispatcher mine | Receive-DispatchTask -Wait).Count
                    Remove-Dispatcher mine -Force
                } | Receive-DispatchTask -Wait
                """));
        Assert.Equal(["d"], _session.Text("(Get-Dispatcher).Name"));
    }

    [Fact]
    public void A_dispatcher_that_a_task_left_ends_with_its_worker()
    {
        _session.StartDispatcher();
        dynamic left = _session.One("Send-DispatchTask { $n = New-Dispatcher left; Start-Dispatcher left; $null = Send-DispatchTask { 1 } -Dispatcher left | Wait-DispatchTask; $n } | Receive-DispatchTask -Wait");
        Assert.Equal("Running", left.Status.ToString());
        _session.Run("Stop-Dispatcher d");
        Session.Eventually(() => left.Status.ToString() == "Stopped" && left.WorkerCount == 0, "It still runs.");
    }

    [Theory]
    [InlineData("Stop-Dispatcher")]
    [InlineData("Stop-Dispatcher -Drain")]
    [InlineData("Stop-Dispatcher -Timeout 0")]
    public void A_task_can_stop_its_own_dispatcher(string command)
    {
        dynamic dispatcher = _session.StartDispatcher().One("$d");
        Assert.Equal(["after"], _session.Text("Send-DispatchTask { " + command + "; 'after' } | Receive-DispatchTask -Wait"));
        Session.Eventually(() => dispatcher.Status.ToString() == "Stopped", "It has not stopped.");
    }

    [Fact]
    public void A_task_can_stop_itself()
    {
        _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0.2");
        dynamic task = _session.One("Send-DispatchTask { Get-DispatchTask -Name self | Stop-DispatchTask; 'not reached' } -Name self -Timeout 0");
        Assert.True(task.Wait(Limits.Hang));
        Assert.Equal("Stopped", task.State.ToString());
        Assert.Equal(["on"], _session.Text("Send-DispatchTask { 'on' } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void A_task_can_remove_its_own_dispatcher()
    {
        dynamic dispatcher = _session.StartDispatcher("-StopGrace 0.2").One("$d");
        dynamic task = _session.One("Send-DispatchTask { Remove-Dispatcher d -Force }");
        Assert.True(task.Wait(Limits.Hang));
        Session.Eventually(() => dispatcher.Status.ToString() == "Stopped" && dispatcher.WorkerCount == 0, "It still runs.");
        Assert.Empty(_session.Run("Get-Dispatcher"));
    }

    [Fact]
    public void Two_sessions_share_one_dispatcher()
    {
        _session.StartDispatcher("-MaxWorkers 3");
        using var other = new Session();
        other["d"] = _session["d"];
        const string Send = "$v = $args[0]; (1..300 | Send-DispatchTask { \"$using:v\" } -Dispatcher $d | Receive-DispatchTask -Wait)";
        Invocation one = _session.Start(Send, "one");
        Invocation two = other.Start(Send, "two");
        Assert.Equal(Enumerable.Repeat("one", 300), one.Finish().Text);
        Assert.Equal(Enumerable.Repeat("two", 300), two.Finish().Text);
        Assert.Equal(["600"], _session.Text("$d.Statistics.Completed"));
    }

    [Fact]
    public void The_session_that_shares_it_may_close()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1");
        using (var other = new Session())
        {
            other["d"] = _session["d"];
            other["gate"] = gate;
            _session["t"] = other.One("Send-DispatchTask { ($using:gate).Pass(); 'alive' } -Dispatcher $d");
            gate.WaitForArrivals();
            other.Runspace.Close();
        }

        gate.Open();
        Assert.Equal(["alive"], _session.Text("$t | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void Several_sessions_flood_one_dispatcher_while_it_drains_and_nothing_is_lost()
    {
        _session.StartDispatcher("-MaxWorkers 2 -QueueFullMode Overflow");
        for (int round = 0; round < 10; round++)
        {
            Session[] others = [new(), new(), new()];
            Invocation[] floods = [.. others.Select(other =>
            {
                other["d"] = _session["d"];
                return other.Start("1..200 | Send-DispatchTask { $_ } -Dispatcher $d | Out-Null");
            })];
            Assert.Equal(["True"], _session.Text("Stop-Dispatcher -Drain; $s = $d.Statistics; $s.Sent -eq $s.Completed -or $d.Status -eq 'Stopped'"));
            Assert.All(floods, flood => Assert.Null(flood.Finish().Terminated));
            Assert.Equal([((round + 1) * 600) + ""], _session.Text("Start-Dispatcher; Stop-Dispatcher -Drain; $d.Statistics.Completed; Start-Dispatcher"));
            Array.ForEach(others, other => other.Dispose());
        }
    }
}
