using System;
using System.Linq;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class SerialTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Blocks_run_in_the_session_of_the_caller_one_after_the_other() => Assert.Equal(
        ["2", "4", "6", "1 2 3", "here"],
        _session.Text("function here { 'here' }; $seen = [Collections.Generic.List[int]]::new(); 1..3 | Invoke-DispatchTask { $seen.Add($_); $_ * 2 } -Serial; \"$seen\"; Invoke-DispatchTask { here } -Serial"));

    [Theory]
    [InlineData("$x = 5; $block = { $_ + $x }.GetNewClosure(); $x = 100; 1..2 | Invoke-DispatchTask $block -Serial", "6 7")]
    [InlineData("$m = New-Module { $script:y = 7; function Get-Own { 'own' }; function Get-Block { { \"$_ $y $(Get-Own)\" } }; Export-ModuleMember Get-Block }; 1..2 | Invoke-DispatchTask (Get-Block) -Serial", "1 7 own 2 7 own")]
    [InlineData("$m = New-Module { $script:y = 7; function Invoke-Own { 1..2 | Invoke-DispatchTask { \"$_ $y\" } -Serial } }; Invoke-Own", "1 7 2 7")]
    [InlineData("$m = New-Module { function Invoke-Own($block) { 1..2 | Invoke-DispatchTask $block -Serial } }; Invoke-Own { \"i$_\" }", "i1 i2")]
    [InlineData("1..2 | Invoke-DispatchTask { try { throw 'x' } catch { }; \"end$_\" } -Serial", "end1 end2")]
    [InlineData("1..2 | Invoke-DispatchTask { switch ($_) { 1 { 'one' } }; \"end$_\" } -Serial", "one end1 end2")]
    [InlineData("1..4 | Invoke-DispatchTask { try { throw 'x' } catch { }; $_ -join '+' } -Serial -BatchSize 2", "1+2 3+4")]
    [InlineData("1 | Invoke-DispatchTask { $e = Write-Error e 2>&1; $e.Exception.Message; (Write-Warning w 3>&1).Message } -Serial -FailOnError:$false", "e w")]
    [InlineData("$m = New-Module { function Invoke-Own { 1 | Invoke-DispatchTask { $script:n++; if ($n -lt 2) { throw 'again' }; \"n$n\" } -Retry 3 -RetryDelay 0 -RetryOn { $_.Exception.Message -eq 'again' } -Serial -WarningAction SilentlyContinue } }; Invoke-Own", "n2")]
    public void A_block_of_a_module_and_a_closure_see_their_own_variables_and_the_item(string script, string expected) =>
        Assert.Equal(expected, string.Join(' ', _session.Text(script)));

    [Theory]
    [InlineData("1..3 | Invoke-DispatchTask { $_ + $using:n } ", "6 7 8")]
    [InlineData("Invoke-DispatchTask { param($a, $b) \"$a-$b\" } -ArgumentList 1, 2", "1-2")]
    [InlineData("Invoke-DispatchTask { param($a, $b) \"$a-$b\" } -Parameter @{ b = 2; a = 1 }", "1-2")]
    [InlineData("1..2 | Invoke-DispatchTask { process { \"p$_\" } }", "p1 p2")]
    [InlineData("1..3 | Invoke-DispatchTask { if ($_ -eq 2) { break }; $_ }", "1 3")]
    [InlineData("1..3 | Invoke-DispatchTask { if ($_ -eq 2) { continue }; $_ }", "1 3")]
    [InlineData("1..3 | Invoke-DispatchTask { if ($_ -eq 2) { exit }; $_ }", "1 3")]
    [InlineData("1..5 | Invoke-DispatchTask { $_ -join '+' } -BatchSize 2", "1+2 3+4 5")]
    [InlineData("Invoke-DispatchTask { $null; ,@(1, 2) | ForEach-Object Count }", "<null> 2")]
    [InlineData("Invoke-DispatchTask { $script:tries++; \"t$script:tries\"; if ($script:tries -lt 3) { throw 'no' } } -Retry 5 -WarningAction SilentlyContinue", "t3")]
    [InlineData("Invoke-DispatchTask { $script:tries++; \"t$script:tries\"; if ($script:tries -lt 3) { throw 'no' } } -Retry 5 -RetryOn { $_.Exception.Message -eq 'no' } -WarningAction SilentlyContinue", "t3")]
    [InlineData("1..4 | Invoke-DispatchTask { $_ } | Select-Object -First 2", "1 2")]
    [InlineData("Invoke-DispatchTask -FilePath echo -ArgumentList hi", "hi")]
    public void It_writes_the_same_as_without(string command, string expected)
    {
        string serial = command.Contains('|', StringComparison.Ordinal) && command.Contains("Select-Object", StringComparison.Ordinal)
            ? command.Replace("{ $_ } |", "{ $_ } -Serial |", StringComparison.Ordinal)
            : command + " -Serial";
        Assert.Equal(expected, string.Join(' ', _session.Text("$n = 5; $script:tries = 0; " + serial)));
    }

    [Fact]
    public void Streams_and_errors_are_those_of_the_block()
    {
        Invocation run = _session.Invoke("Invoke-DispatchTask { Write-Warning w; Write-Error e; Write-Host h; Write-Verbose v -Verbose; 'o'; throw 't' } -Serial -WarningVariable global:w -WarningAction SilentlyContinue");
        Assert.Equal(["o"], run.Output);
        Assert.Equal(["e", "t"], run.Errors.Select(error => error.Exception.Message));
        Assert.Equal(["w"], _session.Text("$w"));
    }

    [Fact]
    public void An_exit_code_is_a_failure_of_that_item_alone()
    {
        Invocation run = _session.Invoke("1..3 | Invoke-DispatchTask { if ($_ -eq 2) { exit 4 }; $_ } -Serial");
        Assert.Equal([1, 3], run.Output);
        Assert.Contains("code 4", Assert.Single(run.Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_takes_too_long_ends_and_has_timed_out_then() => Assert.Equal(
        ["late", "TimedOut"],
        _session.Text("Invoke-DispatchTask { [Threading.Thread]::Sleep(300); 'late' } -Serial -Timeout 0.1 -ErrorVariable e -ErrorAction SilentlyContinue; $e.DispatchTask.State"));

    [Theory]
    [InlineData("-AsJob")]
    [InlineData("-Dispatcher d")]
    public void What_runs_elsewhere_contradicts_it(string parameter)
    {
        _session.StartDispatcher();
        Assert.StartsWith("ConflictingParameters,", _session.Fail("Invoke-DispatchTask { 1 } -Serial " + parameter).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_of_the_pool_have_no_effect_and_a_verbose_line_says_which() => Assert.Equal(
        ["-Serial runs the tasks in this session. Without effect there: -MaxWorkers, -RateLimit.", "1"],
        _session.Text("Invoke-DispatchTask { 1 } -Serial -MaxWorkers 3 -RateLimit 1 -Verbose 4>&1"));

    [Fact]
    public void Too_many_failures_end_it()
    {
        Invocation run = _session.Invoke("$ran = 0; 1..9 | Invoke-DispatchTask { $script:ran++; throw 'no' } -Serial -MaxFailures 2 -ErrorAction SilentlyContinue");
        Assert.StartsWith("DispatcherHalted,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["2"], _session.Text("$ran"));
    }

    [Theory]
    [InlineData("Invoke-DispatchTask { throw 'no' } -Retry 1 -RetryDelay 3600 -WarningAction SilentlyContinue")]
    [InlineData("Invoke-DispatchTask { } -Delay 3600")]
    public void The_time_of_all_tasks_ends_a_wait(string command) =>
        Assert.Contains("-TotalTimeout", _session.Fail(command + " -Serial -TotalTimeout 0.1").Exception.Message, StringComparison.Ordinal);

    [Fact]
    public void A_task_whose_dependency_fails_is_stopped() => Assert.Equal(
        ["Stopped"],
        _session.Text("New-Dispatcher d | Start-Dispatcher; $first = Send-DispatchTask { throw 'no' }; Invoke-DispatchTask { 'ran' } -DependsOn $first -Serial -ErrorVariable e -ErrorAction SilentlyContinue; $e.DispatchTask.State | Select-Object -Unique"));

    [Fact]
    public void The_module_may_be_removed_by_a_task()
    {
        Invocation run = _session.Invoke("1..3 | Invoke-DispatchTask { if ($_ -eq 2) { Remove-Module Dispatcher }; $_ } -Serial");
        Assert.Contains("removed", run.Error.Exception.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public void The_standard_error_of_a_program_is_no_output()
    {
        var task = Assert.IsAssignableFrom<PSDispatchTask>(Assert.Single(_session.Run("(1 | Invoke-DispatchTask { sh -c 'echo e >&2; echo o' } -Serial -WithTask -InformationAction Ignore).DispatchTask")));
        Assert.Equal(["e"], task.StandardError);
    }

    [Fact]
    public void An_item_that_throws_as_a_stop_does_is_an_error_like_others()
    {
        Invocation run = _session.Invoke("1..2 | Invoke-DispatchTask { if ($_ -eq 1) { throw [Management.Automation.PipelineStoppedException]::new() }; $_ } -Serial");
        Assert.Equal([2], run.Output);
        Assert.Single(run.Errors);
    }

    [Fact]
    public void Inside_a_task_it_lets_its_own_dispatcher_run_what_it_waits_for() => Assert.Equal(
        ["dep"],
        _session.StartDispatcher("-MaxWorkers 1").Text("Send-DispatchTask { 1 | Invoke-DispatchTask { 'dep' } -Serial -DependsOn (Send-DispatchTask { 'q' }) } | Receive-DispatchTask -Wait"));

    [Fact]
    public void A_block_sees_the_dispatchers_of_the_session_and_can_wait_for_their_tasks() => Assert.Equal(
        ["True", "d", "sent"],
        _session.StartDispatcher().Text("1 | Invoke-DispatchTask { $null -eq [Dispatching.Dispatcher]::Current; $t = Send-DispatchTask { 'sent' }; $t.Dispatcher.Name; $t | Receive-DispatchTask -Wait } -Serial"));

    [Fact]
    public void The_module_may_be_removed_by_a_task_inside_another() =>
        Assert.NotEmpty(_session.Invoke("1..2 | Invoke-DispatchTask { 1..2 | Invoke-DispatchTask { Remove-Module Dispatcher } -Serial } -Serial").Errors);
}
