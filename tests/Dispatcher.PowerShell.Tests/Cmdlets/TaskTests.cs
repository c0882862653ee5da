using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Get-, Wait- and Stop-DispatchTask, and what a task tells about itself.</summary>
public sealed class TaskTests : IDisposable
{
    private readonly Session _session = new();

    public TaskTests() => _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0.1");

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_pending_task_tells_what_it_is_going_to_do()
    {
        _session.Run("$p = New-Dispatcher p -TaskTimeout 7; $t = Send-DispatchTask { } -InputObject in -Dispatcher p");
        Assert.Equal(
            ["Pending", "True", "in", "0", "0", "<null>", "<null>", "<null>", "<null>", "<null>", "False", "0", "7", "True", "True"],
            _session.Text("""
                $t.State; $t.Name -eq "Task$($t.Id)"; $t.InputObject; $t.Output.Count; $t.Error.Count; , $t.Exception; , $t.ExitCode; , $t.StartedAt; , $t.EndedAt; , $t.Worker
                $t.HadErrors; $t.Attempt; $t.Timeout.TotalSeconds; $t.QueuedAt -is [DateTimeOffset]; $t.WaitTime -is [timespan]
                """));
    }

    [Fact]
    public void An_ended_task_tells_what_it_did()
    {
        _session.Run("$t = Send-DispatchTask { 'out' } -Name mine -Timeout 5 | Wait-DispatchTask");
        Assert.Equal(
            ["Completed", "mine", "1", "5", "1", "True", "True", "True", "True", "d"],
            _session.Text("""
                $t.State; $t.Name; $t.Attempt; $t.Timeout.TotalSeconds; $t.Worker; $t.QueuedAt -le $t.StartedAt; $t.StartedAt -le $t.EndedAt
                $t.Duration -eq $t.EndedAt - $t.StartedAt; $t.WaitTime -eq $t.StartedAt - $t.QueuedAt; $t.Dispatcher.Name
                """));
    }

    [Fact]
    public void Ids_are_unique_and_rise()
    {
        Assert.Equal(["True", "50"], _session.Text("$t = 1..50 | Send-DispatchTask { }; $ids = $t.Id; ($ids -join ',') -eq (([long[]]$ids | & { $input }) -join ','); ([Collections.Generic.HashSet[long]]$ids).Count"));
    }

    [Theory]
    [InlineData("Get-DispatchTask", "a,ab,b")]
    [InlineData("Get-DispatchTask -Name a*", "a,ab")]
    [InlineData("Get-DispatchTask -Name B", "b")]
    [InlineData("Get-DispatchTask -Name b, a", "b,a")]
    [InlineData("Get-DispatchTask -Dispatcher d", "a,ab,b")]
    [InlineData("Get-DispatchTask -Dispatcher $d -Name [ab]", "a,b")]
    [InlineData("Get-DispatchTask -Name z*", "")]
    [InlineData("Get-DispatchTask -Id $t[1].Id", "ab")]
    [InlineData("Get-DispatchTask $t[2].Id, $t[0].Id", "b,a")]
    [InlineData("Get-DispatchTask -InputObject $t[1]", "ab")]
    [InlineData("$t[1..2] | Get-DispatchTask", "ab,b")]
    [InlineData("Get-DispatchTask -State Failed", "b")]
    [InlineData("Get-DispatchTask -State Completed, Failed", "a,ab,b")]
    [InlineData("Get-DispatchTask -State Running", "")]
    [InlineData("Get-DispatchTask -Name a* -State completed", "a,ab")]
    [InlineData("$t | Get-DispatchTask -State Failed", "b")]
    public void Tasks_are_found(string command, string expected)
    {
        _session.Run("$t = @(Send-DispatchTask { } -Name a; Send-DispatchTask { } -Name ab; Send-DispatchTask { throw 1 } -Name b) | Wait-DispatchTask");
        Assert.Equal(expected.Length == 0 ? [] : expected.Split(','), _session.Text("(" + command + ") | & { process { $_.Name } }"));
    }

    [Theory]
    [InlineData("Get-DispatchTask -Name nothing")]
    [InlineData("Get-DispatchTask -Id 999999999")]
    [InlineData("Wait-DispatchTask -Name nothing")]
    [InlineData("Receive-DispatchTask -Name nothing")]
    [InlineData("Receive-DispatchTask -Id 999999999")]
    [InlineData("Stop-DispatchTask -Name nothing")]
    [InlineData("Stop-DispatchTask 999999999")]
    public void One_that_is_not_there_is_an_error_that_names_it(string command)
    {
        ErrorRecord error = _session.Fail(command);
        Assert.StartsWith("TaskNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Contains(command.Contains('9', StringComparison.Ordinal) ? "999999999" : "nothing", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-DispatchTask -State Created")]
    [InlineData("Get-DispatchTask -State Odd")]
    public void States_that_no_sent_task_has_find_nothing(string command)
    {
        Assert.Empty(_session.Invoke("$t = Send-DispatchTask { }; " + command).Output);
    }

    [Fact]
    public void Tasks_pending_running_and_waiting_to_retry_are_listed()
    {
        Gate gate = _session.AddGate();
        _session.Run("Set-Dispatcher d -MaxWorkers 2; $r = Send-DispatchTask { ($using:gate).Arrive(); throw 1 } -Retry 1 -RetryDelay 1000 -Name retry");
        gate.WaitForArrivals();
        _session.Run("$t = 1..4 | Send-DispatchTask { ($using:gate).Pass() } -Timeout 0");
        gate.WaitForArrivals(2);
        dynamic retry = _session.One("$r");
        Session.Eventually(() => retry.State.ToString() == "Pending", "The task does not wait for its retry.");
        Assert.Equal(["5", "3", "2"], _session.Text("@(Get-DispatchTask).Count; @(Get-DispatchTask -State Pending).Count; @(Get-DispatchTask -State Running).Count"));
        gate.Open();
        Assert.Equal(["Stopped"], _session.Text("$r | Stop-DispatchTask; $r.State"));
    }

    [Fact]
    public void Wait_returns_the_tasks_that_have_ended()
    {
        Assert.Equal(["Completed", "Failed", "Completed"], _session.Text("$t = 1..3 | Send-DispatchTask { if ($_ -eq 2) { throw 1 } }; ($t | Wait-DispatchTask).State"));
        Assert.Equal(["3", "3"], _session.Text("@(Wait-DispatchTask).Count; @(Wait-DispatchTask -Id $t.Id).Count"));
        Assert.Equal(["1"], _session.Text("@($t[0], $t[0] | Wait-DispatchTask).Count"));
    }

    [Fact]
    public void Wait_does_not_empty_them()
    {
        Assert.Equal(["1"], _session.Text("$t = Send-DispatchTask { 1 } | Wait-DispatchTask | Wait-DispatchTask; $t.Output"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.1")]
    public void Wait_with_a_Timeout_returns_those_that_have_ended_by_then(string timeout)
    {
        Gate gate = _session.AddGate();
        _session.Run("$t = 1..2 | Send-DispatchTask { if ($_ -eq 2) { ($using:gate).Pass() } } -Timeout 0; $null = $t[0] | Wait-DispatchTask");
        gate.WaitForArrivals();
        Assert.Equal(["True"], _session.Text("$w = @($t | Wait-DispatchTask -Timeout " + timeout + "); $w.Count -eq 1 -and $w[0].Id -eq $t[0].Id"));
        gate.Open();
        Assert.Equal(["2"], _session.Text("@($t | Wait-DispatchTask -Timeout Infinite).Count"));
    }

    [Fact]
    public void Wait_Any_returns_one_as_soon_as_one_has_ended()
    {
        Gate gate = _session.AddGate();
        _session.Run("Set-Dispatcher d -MaxWorkers 2; $t = 'slow', 'fast' | Send-DispatchTask { if ($_ -eq 'slow') { ($using:gate).Pass() } } -Timeout 0");
        Assert.Equal(["fast"], _session.Text("($t | Wait-DispatchTask -Any).InputObject"));
        gate.Open();
        Assert.Equal(["1"], _session.Text("$null = $t | Wait-DispatchTask; @($t | Wait-DispatchTask -Any).Count"));
    }

    [Fact]
    public void Wait_Any_with_a_Timeout_returns_nothing_when_none_has_ended()
    {
        Gate gate = _session.AddGate();
        Assert.Equal(["0"], _session.Text("$t = Send-DispatchTask { ($using:gate).Pass() }; @($t | Wait-DispatchTask -Any -Timeout 0.1).Count"));
        gate.Open();
    }

    [Fact]
    public void Waiting_for_nothing_returns_at_once()
    {
        Assert.Empty(_session.Run("Wait-DispatchTask; @() | Wait-DispatchTask; @() | Wait-DispatchTask -Any; @() | Receive-DispatchTask -Wait; @() | Stop-DispatchTask"));
    }

    [Fact]
    public void Stop_ends_pending_tasks_at_once_and_running_ones_by_force_if_need_be()
    {
        Gate gate = _session.AddGate();
        _session.Run("$t = 1..3 | Send-DispatchTask { 'begun'; ($using:gate).Pass(); 'not reached' } -Timeout 0");
        gate.WaitForArrivals();
        Assert.Equal(["Running", "Stopped", "Pending"], _session.Text("$t[1] | Stop-DispatchTask; $t.State"));
        Assert.Equal(["Stopped", "Stopped"], _session.Text("Stop-DispatchTask $t[0].Id, $t[2].Id; $t[0].State; $t[2].State"));
        Assert.Equal(["begun", "True"], _session.Text("$t | Receive-DispatchTask; $null -eq $t[0].Exception"));
        Assert.Equal(1, gate.Count);
        Assert.Equal(["on"], _session.Text("Send-DispatchTask { 'on' } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void Stop_runs_the_finally_blocks_of_the_task()
    {
        Gate gate = _session.AddGate();
        _session.Run("Set-Dispatcher d -StopGrace 60; $t = Send-DispatchTask { try { ($using:gate).Arrive(); while ($true) { } } finally { 'cleaned up' } } -Timeout 0");
        gate.WaitForArrivals();
        Assert.Equal(["Stopped", "cleaned up"], _session.Text("$t | Stop-DispatchTask; $t.State; $t | Receive-DispatchTask"));
    }

    [Fact]
    public void Stopping_one_that_has_ended_changes_nothing()
    {
        Assert.Equal(["Completed"], _session.Text("$t = Send-DispatchTask { 1 } | Wait-DispatchTask; $t | Stop-DispatchTask; $t.State"));
    }

    [Fact]
    public void A_stopped_task_is_not_retried()
    {
        Gate gate = _session.AddGate();
        _session.Run("$t = Send-DispatchTask { ($using:gate).Pass() } -Retry 5 -Timeout 0");
        gate.WaitForArrivals();
        Assert.Equal(["Stopped", "1"], _session.Text("$t | Stop-DispatchTask; $t.State; $t.Attempt"));
    }

    [Fact]
    public void Stop_by_name_takes_wildcards_and_PassThru_returns_the_tasks()
    {
        Assert.Equal(
            ["x1", "x2", "Stopped", "Stopped", "Pending"],
            _session.Text("$n = New-Dispatcher n; $t = 'x1', 'x2', 'y' | & { process { Send-DispatchTask { } -Name $_ -Dispatcher n } }; (Stop-DispatchTask -Name x* -Dispatcher n -PassThru).Name; $t.State"));
    }

    [Fact]
    public void Failed_tasks_are_retried_and_succeed_in_the_end()
    {
        Assert.Equal(
            ["Completed", "3", "True", "done"],
            _session.Text("""
                $n = [Collections.ArrayList]::new()
                $t = Send-DispatchTask { $null = ($using:n).Add(1); if (($using:n).Count -lt 3) { throw 'not yet' }; 'done' } -Retry 5
                $null = $t | Wait-DispatchTask
                $t.State; $t.Attempt; $t.HadErrors; $t | Receive-DispatchTask 3>$null
                """));
    }

    [Fact]
    public void Stop_wants_to_be_told_which()
    {
        ErrorRecord error = _session.Fail("Stop-DispatchTask");
        Assert.StartsWith("NoTaskNamed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains("-Name *", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Retry -1", "Retry")]
    [InlineData("-RetryDelay -1", "RetryDelay")]
    [InlineData("-RetryDelay Infinite", "RetryDelay")]
    [InlineData("-Timeout soon", "Timeout")]
    [InlineData("-Timeout -5", "Timeout")]
    [InlineData("-Name ''", "Name")]
    [InlineData("-ScriptBlock $null", "ScriptBlock")]
    [InlineData("-Dispatcher $null", "Dispatcher")]
    public void Bad_values_are_errors_that_name_the_parameter(string parameters, string name)
    {
        ErrorRecord error = _session.Fail((parameters.Contains("ScriptBlock", StringComparison.Ordinal) ? "Send-DispatchTask " : "Send-DispatchTask { } ") + parameters);
        Assert.Contains("'" + name + "'", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [Theory]
    [InlineData("Wait-DispatchTask -Timeout -2")]
    [InlineData("Receive-DispatchTask -Name * -Wait -Timeout never")]
    [InlineData("Stop-Dispatcher -Timeout x")]
    public void A_bad_wait_is_an_error_that_says_what_is_right(string command)
    {
        ErrorRecord error = _session.Fail(command);
        Assert.Contains("'Timeout'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("0 for no wait, -1 or Infinite", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("Infinite")]
    public void A_task_without_limit_says_so(string timeout)
    {
        Assert.Equal(["-1"], _session.Text("(Send-DispatchTask { } -Timeout " + timeout + ").Timeout.TotalMilliseconds"));
    }

    [Fact]
    public void The_timeout_of_a_task_is_its_dispatcher_s_unless_it_has_its_own()
    {
        Assert.Equal(["10", "3"], _session.Text("$n = New-Dispatcher n; (Send-DispatchTask { } -Dispatcher n).Timeout.TotalSeconds; (Send-DispatchTask { } -Timeout 3 -Dispatcher n).Timeout.TotalSeconds"));
    }
}
