using System;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Whatever a task is stuck in, it ends TimedOut, says what it was, and the pool has its full strength.</summary>
public sealed class TimeoutTests : IDisposable
{
    private readonly Session _session = new();
    private readonly string _sleep = Processes.LongSleep();

    public TimeoutTests()
    {
        _session.StartDispatcher("-MaxWorkers 2 -StopGrace 0.2");
        _session["n"] = _sleep;
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("while ($true) { }")]
    [InlineData("try { while ($true) { } } finally { [Threading.Thread]::Sleep(100000) }")]
    [InlineData("while ($true) { try { while ($true) { } } catch { } }")]
    [InlineData("trap { continue } while ($true) { try { throw 1 } catch { } finally { } }")]
    [InlineData("[Threading.Thread]::Sleep(100000)")]
    [InlineData("[Threading.Thread]::Sleep([Threading.Timeout]::Infinite)")]
    [InlineData("[Threading.Tasks.Task]::Delay(100000).Wait()")]
    [InlineData("[Threading.Tasks.TaskCompletionSource[object]]::new().Task.Result")]
    [InlineData("[Threading.ManualResetEvent]::new($false).WaitOne()")]
    [InlineData("[regex]::new('^(a+)+$', 'None', [timespan]::FromSeconds(6)).IsMatch('a' * 60 + '!')")]
    [InlineData("1 | ForEach-Object -Parallel { [Threading.Thread]::Sleep(6000) }")]
    [InlineData("1..3 | ForEach-Object { while ($true) { } }")]
    [InlineData("& { process { while ($true) { } } }")]
    [InlineData("while ($true) { try { [Threading.Thread]::Sleep(100000) } catch { } }")]
    public void A_stuck_block_times_out(string body) => AssertTimesOut("'the input' | Send-DispatchTask { 'begun'; " + body + " } -Timeout 0.3 -Name stuck", 0.3);

    [Fact]
    public void A_block_stuck_at_a_monitor_times_out()
    {
        object taken = new();
        _session["taken"] = taken;
        lock (taken)
        {
            AssertTimesOut("'the input' | Send-DispatchTask { [Threading.Monitor]::Enter($using:taken) } -Timeout 0.3 -Name stuck", 0.3);
        }
    }

    [Fact]
    public void A_block_stuck_in_a_raw_socket_read_times_out()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        _session["socket"] = client.Client;
        AssertTimesOut("'the input' | Send-DispatchTask { ($using:socket).Receive([byte[]]::new(10)) } -Timeout 0.3 -Name stuck", 0.3);
    }

    [UnixFact]
    public void A_native_child_of_a_block_is_killed()
    {
        AssertTimesOut("'the input' | Send-DispatchTask { & sleep $using:n } -Timeout 1 -Name stuck", 1);
        Processes.AssertNone(_sleep);
    }

    [UnixFact]
    public void A_native_grandchild_of_a_block_is_killed()
    {
        AssertTimesOut("'the input' | Send-DispatchTask { & sh -c \"sleep $using:n & wait\" } -Timeout 1 -Name stuck", 1);
        Processes.AssertNone(_sleep);
    }

    [UnixFact]
    public void A_native_child_of_a_block_that_ignores_SIGTERM_is_killed()
    {
        AssertTimesOut("'the input' | Send-DispatchTask { & sh -c \"trap '' TERM INT HUP; while :; do sleep $using:n; done\" } -Timeout 1 -Name stuck", 1);
        Processes.AssertNone(_sleep);
    }

    [UnixFact]
    public void A_native_child_that_a_block_started_itself_is_killed()
    {
        AssertTimesOut("'the input' | Send-DispatchTask { [Diagnostics.Process]::Start('sleep', $using:n).WaitForExit() } -Timeout 1 -Name stuck", 1);
        Processes.AssertNone(_sleep);
    }

    [UnixFact]
    public void An_executable_is_ended()
    {
        AssertTimesOut("'the input' | Send-DispatchTask -FilePath sleep -ArgumentList $n -Timeout 1 -Name stuck", 1);
        Processes.AssertNone(_sleep);
    }

    [UnixFact]
    public void An_executable_that_ignores_SIGTERM_is_killed()
    {
        AssertTimesOut("'the input' | Send-DispatchTask -FilePath sh -ArgumentList '-c', \"trap '' TERM; while :; do sleep $n; done\" -Timeout 1 -Name stuck", 1);
        Processes.AssertNone(_sleep);
    }

    [UnixFact]
    public void A_grandchild_that_holds_the_output_is_killed()
    {
        AssertTimesOut("'the input' | Send-DispatchTask -FilePath sh -ArgumentList '-c', \"sleep $n & wait\" -Timeout 1 -Name stuck", 1);
        Processes.AssertNone(_sleep);
    }

    [UnixFact]
    public void A_grandchild_in_a_session_of_its_own_is_killed()
    {
        AssertTimesOut("'the input' | Send-DispatchTask -FilePath sh -ArgumentList '-c', \"trap '' TERM; setsid sleep $n & sleep $n\" -Timeout 1 -Name stuck", 1);
        Processes.AssertNone(_sleep);
    }

    [Fact]
    public void A_timeout_at_once_on_every_worker_leaves_the_pool_whole()
    {
        _session.Run("$null = 1..8 | Send-DispatchTask { while ($true) { try { [Threading.Thread]::Sleep(100000) } catch { } } } -Timeout 0.2 | Wait-DispatchTask");
        Assert.Equal(["8"], _session.Text("$d.Statistics.TimedOut"));
        AssertFullStrength();
    }

    [Fact]
    public void What_a_task_wrote_before_its_end_is_kept()
    {
        Invocation invocation = _session.Invoke("Send-DispatchTask { 'before'; [Threading.Thread]::Sleep(100000); 'after' } -Timeout 0.3 | Receive-DispatchTask -Wait");
        Assert.Equal(["before"], invocation.Text);
        Assert.IsAssignableFrom<TimeoutException>(invocation.Error.Exception);
    }

    [Fact]
    public void What_it_writes_after_its_end_is_dropped()
    {
        Gate gate = _session.AddGate();
        Gate wrote = _session.AddGate("wrote");
        _session.Run("$t = Send-DispatchTask { $g = $using:gate; $w = $using:wrote; try { while ($true) { } } finally { while (-not $g.IsOpen) { try { $g.WaitUntilOpen() } catch { } }; 'late'; $w.Arrive() } } -Timeout 0.3 | Wait-DispatchTask");
        Assert.Equal(["TimedOut"], _session.Text("$t.State"));
        gate.Open();
        wrote.WaitForArrivals();
        Assert.Equal(["0", "TimedOut"], _session.Text("$t.Output.Count; $t.State"));
        AssertFullStrength();
    }

    [Fact]
    public void A_clean_up_that_ends_within_the_grace_still_counts()
    {
        Assert.Equal(
            ["TimedOut", "cleaned"],
            _session.Text("Set-Dispatcher d -StopGrace 60; $t = Send-DispatchTask { try { while ($true) { } } finally { 'cleaned' } } -Timeout 0.3 | Wait-DispatchTask; $t.State; $t.Output"));
    }

    [Fact]
    public void Timed_out_tasks_are_retried_and_each_attempt_has_the_full_limit()
    {
        Assert.Equal(
            ["Completed", "2", "second"],
            _session.Text("$tries = [Collections.ArrayList]::new(); $t = Send-DispatchTask { $c = ($using:tries).Add(1); if ($c -eq 0) { while ($true) { } }; 'second' } -Timeout 1 -Retry 1 | Wait-DispatchTask; $t.State; $t.Attempt; $t.Output"));
    }

    [Fact]
    public void The_dispatcher_s_limit_is_used_where_the_task_has_none()
    {
        Assert.Equal(["TimedOut", "Completed"], _session.Text("""
            Set-Dispatcher d -TaskTimeout 0.3
            (Send-DispatchTask { while ($true) { } } | Wait-DispatchTask).State
            (Send-DispatchTask { $until = [DateTime]::UtcNow.AddSeconds(1); while ([DateTime]::UtcNow -lt $until) { } } -Timeout 0 | Wait-DispatchTask).State
            """));
    }

    [Fact]
    public void The_task_after_an_interrupted_one_is_untouched()
    {
        _session.Run("Set-Dispatcher d -MaxWorkers 1 -StopGrace 0.05");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(["TimedOut", "Completed", "Completed"], _session.Text(
                "$t = @(Send-DispatchTask { try { [Threading.Thread]::Sleep(100000) } catch { } } -Timeout 0.1; 1..2 | Send-DispatchTask { [Threading.Thread]::Sleep(1); 'ok' } -Timeout 30); $null = $t | Wait-DispatchTask; $t.State"));
        }
    }

    private void AssertTimesOut(string send, double limit)
    {
        // The first task of a worker opens its runspace. These are about what comes after.
        _session.Run("$null = Send-DispatchTask { } -Timeout 0 | Wait-DispatchTask");
        Assert.Equal(["TimedOut", "True"], _session.Text("$t = " + send + "; $null = $t | Wait-DispatchTask; $t.State; $t.HadErrors"));
        Assert.Equal([(string)_session.One("\"$($t.Id)\""), "1"], [_session.Text("$t.Exception.TaskId")[0], _session.Text("$d.Statistics.TimedOut")[0]]);
        var exception = Assert.IsAssignableFrom<TimeoutException>((object)_session.One("$t.Exception"));
        Assert.Contains("stuck", exception.Message, StringComparison.Ordinal);
        Assert.Contains(limit.ToString(CultureInfo.InvariantCulture) + " s", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'the input'", exception.Message, StringComparison.Ordinal);
        ErrorRecord error = _session.Fail("$t | Receive-DispatchTask | Out-Null");
        Assert.StartsWith("TaskTimedOut", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        AssertFullStrength();
    }

    private void AssertFullStrength()
    {
        // Both have to be there at once, so there are two workers free to take them.
        Gate both = _session.AddGate("both");
        Invocation pair = _session.Start("1..2 | Send-DispatchTask { ($using:both).Pass(); 'well' } -Timeout 0 | Receive-DispatchTask -Wait");
        both.WaitForArrivals(2);
        both.Open();
        Assert.Equal(["well", "well"], pair.Finish().Text);
        Assert.Equal(["0", "0", "True"], _session.Text("$d.Statistics.Running; $d.Statistics.Pending; $d.WorkerCount -le 2"));
    }
}
