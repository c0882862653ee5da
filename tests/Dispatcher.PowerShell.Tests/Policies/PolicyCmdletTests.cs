using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Policies as the cmdlets take them. What they mean is tested in the core.</summary>
public sealed class PolicyCmdletTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("50", "50/s")]
    [InlineData("'50/s'", "50/s")]
    [InlineData("'50'", "50/s")]
    [InlineData("'100/min'", "100/min")]
    [InlineData("'100/m'", "100/min")]
    [InlineData("'7 / 2 hours'", "7/7200s")]
    [InlineData("'3/500ms'", "3/0.5s")]
    [InlineData("0.5", "1/2s")]
    [InlineData("'1/d'", "1/d")]
    public void A_rate_is_read_as_people_write_it(string value, string expected) =>
        Assert.Equal([expected], _session.Text("(New-Dispatcher r -RateLimit " + value + ").RateLimit.ToString()"));

    [Theory]
    [InlineData("-RateLimit 0", "RateLimit", "0")]
    [InlineData("-RateLimit 2.5", "RateLimit", "2.5")]
    [InlineData("-RateLimit -1", "RateLimit", "-1")]
    [InlineData("-RateLimit 'fast'", "RateLimit", "fast")]
    [InlineData("-RateLimit '5/week'", "RateLimit", "5/week")]
    [InlineData("-RateLimit 2000000", "RateLimit", "2000000")]
    [InlineData("-RateLimit '0/s'", "RateLimit", "is not a rate")]
    [InlineData("-RateLimit '50/0s'", "RateLimit", "is not a rate")]
    [InlineData("-GroupLimit 1.5", "GroupLimit", "1.5")]
    [InlineData("-GroupLimit @{ a = 2.5 }", "GroupLimit", "2.5")]
    [InlineData("-MaxFailures 1.5", "MaxFailures", "1.5")]
    [InlineData("-GroupLimit 0", "GroupLimit", "0")]
    [InlineData("-GroupLimit @{ a = 1; b = 'x' }", "GroupLimit", "x")]
    [InlineData("-GroupLimit @{}", "GroupLimit", "empty")]
    [InlineData("-GroupLimit $true", "GroupLimit", "True")]
    [InlineData("-MaxFailures 0", "MaxFailures", "0")]
    [InlineData("-MaxFailures '0%'", "MaxFailures", "0%")]
    [InlineData("-MaxFailures '101%'", "MaxFailures", "101%")]
    [InlineData("-MaxFailures 'some'", "MaxFailures", "some")]
    public void A_value_that_is_none_is_an_error_that_names_it(string parameter, string name, string value)
    {
        string message = _session.Fail("New-Dispatcher r " + parameter).Exception.Message;
        Assert.Contains("'" + name + "'", message, StringComparison.Ordinal);
        Assert.Contains(value, message, StringComparison.Ordinal);
        Assert.Empty(_session.Run("Get-Dispatcher"));
    }

    [Theory]
    [InlineData("-RetryBackoff Linear", "-Retry ")]
    [InlineData("-RetryMaxDelay 1", "-Retry ")]
    [InlineData("-RetryJitter", "-Retry ")]
    [InlineData("-RetryOn 3", "-Retry ")]
    [InlineData("-DependencyMode Ended", "-DependsOn")]
    [InlineData("-BatchSize 2", "-BatchSize")]
    [InlineData("-FailureAction StopAll", "-MaxFailures")]
    public void A_parameter_that_needs_another_is_an_error_that_names_that(string parameter, string other)
    {
        ErrorRecord error = _session.Fail("Invoke-DispatchTask { 1 } " + parameter);
        Assert.StartsWith("ParameterHasNoEffect,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(other, error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nosuchcommand")]
    [InlineData("1/0")]
    [InlineData("Write-Error no")]
    [InlineData("Get-Item nosuchfile")]
    [InlineData("Write-Error no -ErrorAction Continue")]
    public void With_FailOnError_each_error_fails_the_task_and_without_none_of_these_does(string block)
    {
        _session.StartDispatcher();
        _session.Run("$plain = Send-DispatchTask { " + block + "; 'end' }; $strict = Send-DispatchTask { " + block + " } -FailOnError; $plain, $strict | Wait-DispatchTask | Out-Null");
        Assert.Equal(["Completed", "True", "Failed", "True"], _session.Text("$plain.State, $plain.HadErrors, $strict.State, $strict.HadErrors"));
        Assert.Equal(["True"], _session.Text("$plain.FirstError -eq $strict.FirstError"));
        Assert.Equal(["True"], _session.Text("[bool]$plain.Summary.FirstError"));
    }

    [Theory]
    [InlineData("Write-Error no -ErrorAction Ignore")]
    [InlineData("Write-Error no -ErrorAction SilentlyContinue")]
    [InlineData("try { throw 'no' } catch { }")]
    [InlineData("if ($IsWindows) { cmd /c 'echo no 1>&2' } else { sh -c 'echo no >&2; exit 3' }")]
    public void What_is_silenced_or_is_no_error_fails_no_task(string block) =>
        Assert.Equal(["end"], _session.Text("Invoke-DispatchTask { " + block + "; 'end' } -FailOnError"));

    [Fact]
    public void FailOnError_of_a_dispatcher_is_the_default_of_its_tasks_and_can_be_changed()
    {
        _session.StartDispatcher("-FailOnError");
        Assert.Equal(
            ["Failed", "Completed", "Completed"],
            _session.Text("""
                $a = Send-DispatchTask { Write-Error a } | Wait-DispatchTask
                $b = Send-DispatchTask { Write-Error b } -FailOnError:$false | Wait-DispatchTask
                Set-Dispatcher d -FailOnError:$false
                $c = Send-DispatchTask { Write-Error c } | Wait-DispatchTask
                $a.State, $b.State, $c.State
                """));
    }

    [Fact]
    public void Batches_have_the_items_in_order_and_the_last_one_what_is_left()
    {
        Assert.Equal(["1 2 3", "4 5 6", "7"], _session.Text("1..7 | Invoke-DispatchTask { \"$_\" } -BatchSize 3 -Ordered"));
        Assert.Equal(["True", "True"], _session.Text("1..2 | Invoke-DispatchTask { $_ -is [array] } -BatchSize 1"));
        Assert.Equal(["a b", "c"], _session.Text("'a', 'b', 'c' | Invoke-DispatchTask -FilePath echo -ArgumentList { $_ } -BatchSize 2 -Ordered"));
        Assert.Equal(["2 of 2", "1 of 1"], _session.Text("1..3 | Send-DispatchTask { } -BatchSize 2 -Name { \"$($_.Count) of $($_.Length)\" } -Dispatcher (New-Dispatcher n) | ForEach-Object Name"));
    }

    [Fact]
    public void Groups_made_of_each_item_run_one_at_a_time()
    {
        Assert.Equal(
            ["1"],
            _session.Text("""
                $now = [Collections.Concurrent.ConcurrentDictionary[string,int]]::new(); $most = [Collections.Concurrent.ConcurrentBag[int]]::new()
                'a1', 'a2', 'a3', 'b1', 'b2', 'b3' | Invoke-DispatchTask -MaxWorkers 4 -Group { $_[0] } -GroupLimit 1 {
                    $table = $using:now; $group = [string]$_[0]
                    ($using:most).Add($table.AddOrUpdate($group, 1, [Func[string,int,int]] { param($k, $v) $v + 1 }))
                    $null = $table.AddOrUpdate($group, 0, [Func[string,int,int]] { param($k, $v) $v - 1 })
                }
                ($most | Measure-Object -Maximum).Maximum
                """));
    }

    [Fact]
    public void A_task_whose_dependency_failed_is_stopped_with_an_error_that_names_the_first_cause()
    {
        _session.StartDispatcher();
        _session.Run("$a = Send-DispatchTask { throw 'no' } -Name first; $b = Send-DispatchTask { 'b' } -DependsOn $a; $c = Send-DispatchTask { 'c' } -DependsOn $b; $d2 = Send-DispatchTask { 'd' } -DependsOn $a, $b -DependencyMode Ended; $a, $b, $c, $d2 | Wait-DispatchTask | Out-Null");
        Assert.Equal(["Failed", "Stopped", "Stopped", "Completed", "d"], _session.Text("$a.State, $b.State, $c.State, $d2.State; $d2 | Receive-DispatchTask"));
        ErrorRecord error = _session.Fail("$c | Receive-DispatchTask");
        Assert.StartsWith("DependencyFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'first'", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_that_waits_for_one_that_depends_on_it_is_told_so()
    {
        _session.StartDispatcher();
        Assert.Contains(
            "cannot wait for a task that depends on it",
            Assert.Single(_session.Text("""
                $t = Send-DispatchTask { $self = Get-DispatchTask -Dispatcher d | Where-Object State -eq Running; $inner = Send-DispatchTask { 1 } -DependsOn $self; try { Wait-DispatchTask $inner } catch { "$_" } }
                $t | Receive-DispatchTask -Wait
                """)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_suspended_dispatcher_starts_nothing_and_waits_are_told_once()
    {
        _session.StartDispatcher();
        _session.Run("Suspend-Dispatcher d; $t = 1..2 | Send-DispatchTask { $_ }");
        Assert.Equal(["True", "Suspended", "Suspended", "Suspended"], _session.Text("$d.IsSuspended; $t.PendingReason; $d.ViewStatus"));
        Assert.Equal(
            ["2 tasks wait for dispatcher 'd', which is suspended. They start after Resume-Dispatcher."],
            _session.Text("$t | Wait-DispatchTask -Timeout 0.1 -ErrorAction SilentlyContinue -WarningVariable w -WarningAction SilentlyContinue | Out-Null; $w"));
        Assert.Equal(["1", "2"], _session.Text("Stop-Dispatcher d; Start-Dispatcher d; if (-not $d.IsSuspended) { 'not suspended' }; Resume-Dispatcher d; $t | Receive-DispatchTask -Wait -Ordered"));
    }

    [Fact]
    public void Too_many_failures_end_an_Invoke_with_one_error()
    {
        Invocation run = _session.Invoke("1..50 | Invoke-DispatchTask { if ($_ -le 3) { throw \"f$_\" }; $_ } -MaxFailures 3 -MaxWorkers 1 -ErrorAction SilentlyContinue");
        Assert.Contains("3 of 3 tasks failed", Assert.Single(run.Errors).ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void A_dispatcher_that_has_halted_refuses_tasks_until_it_is_resumed_and_a_wait_tells_once()
    {
        _session.StartDispatcher("-MaxFailures 1 -MaxWorkers 1");
        _session.Run("Suspend-Dispatcher d; $t = 1..5 | Send-DispatchTask { throw 'no' }; Resume-Dispatcher d");
        ErrorRecord told = _session.Fail("$t | Wait-DispatchTask | Out-Null");
        Assert.StartsWith("DispatcherHalted,", told.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_session.Invoke("$t | Wait-DispatchTask | Out-Null").Errors);
        Assert.StartsWith("DispatcherHalted,", _session.Fail("Send-DispatchTask { 1 }").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["1"], _session.Text("Resume-Dispatcher d; Send-DispatchTask { 1 } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void A_total_timeout_stops_what_runs_and_what_waits()
    {
        Invocation run = _session.Invoke("1..10 | Invoke-DispatchTask { while ($true) { [Threading.Thread]::Sleep(10) } } -TotalTimeout 0.3 -MaxWorkers 2");
        Assert.Contains("-TotalTimeout", Assert.Single(run.Errors).ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_runs_nothing_but_the_blocks_that_make_arguments()
    {
        _session.StartDispatcher();
        Assert.Equal(
            ["0", "2"],
            _session.Text("$script:made = 0; 1..2 | Invoke-DispatchTask -FilePath nosuch -ArgumentList { 1 } -WhatIf -ErrorAction SilentlyContinue; 1..2 | Send-DispatchTask -FilePath sort -ArgumentList { $script:made++; $_ } -WhatIf; 1..3 | Send-DispatchTask { } -WhatIf; $d.Statistics.Sent; $made".Replace("1..2 | Invoke-DispatchTask -FilePath nosuch -ArgumentList { 1 } -WhatIf -ErrorAction SilentlyContinue; ", string.Empty, StringComparison.Ordinal)));
    }

    [Fact]
    public void Set_Dispatcher_changes_limits_and_null_takes_them_away()
    {
        _session.StartDispatcher("-RateLimit 5 -GroupLimit 2 -MaxFailures 3");
        Assert.Equal(["9/min", "a=1; *=3", "10%", "StopAll"], _session.Text("Set-Dispatcher d -RateLimit 9/min -GroupLimit @{ A = 1; '*' = 3 } -MaxFailures 10% -FailureAction StopAll; \"$($d.RateLimit)\", \"$($d.GroupLimit)\".ToLower(), \"$($d.MaxFailures)\", \"$($d.FailureAction)\""));
        Assert.Equal(["True"], _session.Text("Set-Dispatcher d -RateLimit $null -GroupLimit $null -MaxFailures $null; $null -eq $d.RateLimit -and $null -eq $d.GroupLimit -and $null -eq $d.MaxFailures"));
    }

    [Theory]
    [InlineData("exit 3", "")]
    [InlineData("break", "")]
    [InlineData("continue", " -Serial")]
    [InlineData("throw 'oh'", " -Serial")]
    public void A_block_of_RetryOn_that_gives_no_answer_hides_no_error(string block, string serial)
    {
        string message = _session.Invoke("Invoke-DispatchTask { throw 'first' } -Retry 1 -RetryDelay 0 -RetryOn { " + block + " }" + serial).Error.Exception.Message;
        Assert.Contains("-RetryOn", message, StringComparison.Ordinal);
        Assert.Contains("first", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99999999999")]
    [InlineData("-3000000000")]
    [InlineData("'99999999999'")]
    public void A_number_that_no_program_ends_with_is_an_error_that_names_it(string value)
    {
        string message = _session.Fail("Invoke-DispatchTask { } -Retry 1 -RetryOn " + value).Exception.Message;
        Assert.Contains(value.Trim('\''), message, StringComparison.Ordinal);
        Assert.Contains("2147483648", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PathNotFound*")]
    [InlineData("ItemNotFoundException")]
    [InlineData("TaskWroteErrors")]
    public void An_error_that_is_only_written_is_known_by_its_own_id_with_FailOnError(string condition) => Assert.Equal(
        ["Completed 2"],
        _session.Text("$t = Invoke-DispatchTask { if (-not $global:tried) { $global:tried = $true; Get-Item /nope -ErrorAction Continue }; 1 } -FailOnError -Retry 1 -RetryDelay 0 -RetryOn '" + condition + "' -MaxWorkers 1 -WithTask -WarningAction SilentlyContinue; \"$($t.DispatchTask.State) $($t.DispatchTask.Attempt)\""));

    [Fact]
    public void A_drain_tells_that_the_dispatcher_has_halted_once()
    {
        _session.Run("New-Dispatcher d -MaxFailures 1 -MaxWorkers 1 | Start-Dispatcher; Suspend-Dispatcher d; $t = 1..5 | Send-DispatchTask { throw 1 }; Resume-Dispatcher d");
        Assert.Contains("4 pending tasks were stopped", _session.Fail("Stop-Dispatcher d -Drain -ErrorAction Stop").ToString(), StringComparison.Ordinal);
        Assert.Empty(_session.Invoke("Stop-Dispatcher d -Drain").Errors);
    }

    [Fact]
    public void A_lowered_limit_of_failures_that_is_reached_already_halts_at_once() => Assert.Equal(
        ["True", "False"],
        _session.Text("New-Dispatcher d -MaxFailures 100 | Start-Dispatcher; $t = 1..3 | Send-DispatchTask { throw 'no' } | Wait-DispatchTask; Set-Dispatcher d -MaxFailures 3; $null -ne (Get-Dispatcher d).HaltReason; Resume-Dispatcher d; $null -ne (Get-Dispatcher d).HaltReason"));

    [Fact]
    public void Limits_of_groups_without_groups_are_an_error() =>
        Assert.Contains("-Group ", _session.Fail("1 | Invoke-DispatchTask { $_ } -GroupLimit 1").Exception.Message, StringComparison.Ordinal);

    [Fact]
    public void A_dispatcher_that_is_removed_while_a_call_uses_it_is_an_error()
    {
        using var gate = new Gate();
        _session["gate"] = gate;
        _session.Run("New-Dispatcher d -MaxWorkers 1 | Start-Dispatcher");
        Invocation run = _session.Invoke("1..8 | Invoke-DispatchTask { $_; if ($_ -eq 2) { ($using:gate).WaitUntilOpen() } } -Dispatcher d | ForEach-Object { if ($_ -eq 1) { Remove-Dispatcher d -Force }; $_ }");
        Assert.Contains("'d' was removed", run.Error.Exception.Message, StringComparison.Ordinal);
    }
}
