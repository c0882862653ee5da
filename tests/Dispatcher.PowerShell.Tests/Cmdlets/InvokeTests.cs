using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The one-liner, Invoke-DispatchTask.</summary>
public sealed class InvokeTests : IDisposable
{
    private const string WriteMyError = "[CmdletBinding()] param() $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([ArgumentException]::new('error'), 'MyId', 'DeviceError', 'target')); \"after $_\"";

    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void It_runs_the_block_for_each_item()
    {
        Assert.Equal(["10", "20", "30"], _session.Text("1..3 | Invoke-DispatchTask { $_ * 10 }").Order(StringComparer.Ordinal));
        Assert.Equal(["1"], _session.Text("Invoke-DispatchTask { 1 }"));
        Assert.Equal(["a,b"], _session.Text("'x' | Invoke-DispatchTask { param($p, $q) \"$p,$q\" } -ArgumentList a, b"));
    }

    [Fact]
    public void ThrottleLimit_means_MaxWorkers()
    {
        Assert.Equal(["1"], _session.Text("1..20 | Invoke-DispatchTask { [runspace]::DefaultRunspace.Id } -ThrottleLimit 1 | & { begin { $s = @{} } process { $s[$_] = 1 } end { $s.Count } }"));
        _session["both"] = new Barrier(2);
        Assert.Equal(["True", "True"], _session.Text("1..2 | Invoke-DispatchTask { ($using:both).SignalAndWait(60000) } -ThrottleLimit 2"));
    }

    [UnixFact]
    public void It_runs_an_executable_for_each_item()
    {
        Assert.Equal(["<1>", "<2>", "<3>"], _session.Text("1..3 | Invoke-DispatchTask -FilePath printf -ArgumentList { '<%s>\\n', $_ } -Ordered"));
        ErrorRecord error = _session.Fail("Invoke-DispatchTask -FilePath sh -ArgumentList '-c', 'exit 3'");
        Assert.StartsWith("UnexpectedExitCode", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_session.Run("Invoke-DispatchTask -FilePath sh -ArgumentList '-c', 'exit 3' -SuccessExitCode 3"));
    }

    [Fact]
    public void Output_is_written_while_upstream_still_produces()
    {
        _session.AddGate("done");
        Gate hold = _session.AddGate("hold");
        Invocation running = _session.Start("& { 1; $done.WaitForArrivals(1); 2; $hold.Pass(); 3 } | Invoke-DispatchTask { \"out $_\"; ($using:done).Arrive() }");
        hold.WaitForArrivals();
        Assert.Contains("out 1", running.Text);
        Assert.False(running.IsCompleted);
        hold.Open();
        Assert.Equal(["out 1", "out 2", "out 3"], running.Finish().Text.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Output_of_a_running_task_comes_live()
    {
        Gate gate = _session.AddGate();
        Invocation running = _session.Start("Invoke-DispatchTask { 'early'; ($using:gate).Pass(); 'late' }");
        gate.WaitForArrivals();
        Session.Eventually(() => running.Output.Count == 1, "The first object has not come.");
        gate.Open();
        Assert.Equal(["early", "late"], running.Finish().Text);
    }

    [Fact]
    public void Ordered_holds_back_no_more_than_order_needs()
    {
        Gate gate = _session.AddGate();
        Gate second = _session.AddGate("second");
        Invocation running = _session.Start("1..3 | Invoke-DispatchTask { \"a$_\"; if ($_ -eq 1) { ($using:gate).Pass() } else { ($using:second).Arrive() }; \"b$_\" } -Ordered -MaxWorkers 3");
        second.WaitForArrivals(2);
        Session.Eventually(() => running.Output.Count == 1, "What the first task wrote was held back.");
        Assert.Equal(["a1"], running.Text);
        gate.Open();
        Assert.Equal(["a1", "b1", "a2", "b2", "a3", "b3"], running.Finish().Text);
    }

    [Fact]
    public void Ordered_keeps_the_order_of_many()
    {
        Assert.Equal(
            Enumerable.Range(1, 500).Select(n => (object?)n),
            _session.Run("1..500 | Invoke-DispatchTask { if ($_ % 7 -eq 0) { [Threading.Thread]::Yield() | Out-Null }; $_ } -Ordered -MaxWorkers 4"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Ordered")]
    public void Upstream_never_runs_far_ahead(string parameters)
    {
        Gate gate = _session.AddGate();
        Gate upstream = _session.AddGate("upstream");
        _session["ahead"] = new ConcurrentBag<int>();
        Invocation running = _session.Start(
            "& { foreach ($n in 1..4000) { $upstream.Arrive(); $n } } | Invoke-DispatchTask { ($using:ahead).Add(($using:upstream).Count - $_); if ($_ -eq 1) { ($using:gate).Pass() } } -MaxWorkers 1 " + parameters);
        gate.WaitForArrivals();
        Session.Eventually(() => upstream.Count >= 1000, "The queue was not filled.");
        gate.Open();
        Assert.Null(running.Finish().Terminated);
        var ahead = (ConcurrentBag<int>)_session.Run("$ahead, 0").OfType<ConcurrentBag<int>>().Single();
        Assert.Equal(4000, ahead.Count);
        Assert.InRange(ahead.Max(), 1, 1010);
    }

    [Fact]
    public void Its_own_dispatcher_is_hidden_and_gone_afterwards()
    {
        Gate gate = _session.AddGate();
        _session["threads"] = new ConcurrentBag<Thread>();
        Invocation running = _session.Start("$seen = 'not run'; 1..20 | Invoke-DispatchTask { ($using:threads).Add([Threading.Thread]::CurrentThread); ($using:gate).Pass(); @(Get-Dispatcher).Count } -MaxWorkers 2");
        gate.WaitForArrivals(2);
        gate.Open();
        Assert.Equal(Enumerable.Repeat("0", 20), running.Finish().Text);
        Assert.Empty(_session.Run("Get-Dispatcher"));
        foreach (Thread thread in ((ConcurrentBag<Thread>)_session["threads"]!).Distinct())
        {
            Assert.True(thread.Join(Limits.Hang), "A worker is left.");
        }
    }

    [Fact]
    public void Its_own_dispatcher_is_not_the_only_one_of_the_session()
    {
        _session.StartDispatcher();
        Assert.Equal(["d"], _session.Text("Invoke-DispatchTask { } ; (Send-DispatchTask { }).Dispatcher.Name"));
        Assert.Equal(["d"], _session.Text("1 | Invoke-DispatchTask { 1 } | & { process { (Get-Dispatcher).Name } }"));
    }

    [Theory]
    [InlineData("Invoke-DispatchTask { ($using:stuck).Hold() }")]
    [InlineData("1..5000 | Invoke-DispatchTask { ($using:stuck).Hold() } -MaxWorkers 1")]
    [InlineData("1..5000 | Invoke-DispatchTask { ($using:stuck).Hold() } -MaxWorkers 1 -Ordered")]
    [InlineData("Invoke-DispatchTask { ($using:stuck).Hold() } -Dispatcher (& { $n = New-Dispatcher n; Start-Dispatcher n; $n })")]
    public void Stopping_the_pipeline_ends_it_though_a_task_is_stuck(string command)
    {
        using var stuck = new Stubborn();
        _session["stuck"] = stuck;
        Invocation running = _session.Start(command);
        stuck.Gate.WaitForArrivals();
        running.Stop();
        Assert.True(running.WasStopped);
        Assert.False(stuck.Gate.IsOpen);
        Assert.Equal(["5"], _session.Text("2 + 3"));
    }

    [Fact]
    public void ErrorAction_Stop_ends_it_though_a_task_is_stuck()
    {
        using var stuck = new Stubborn();
        _session["stuck"] = stuck;
        Invocation running = _session.Start("'stuck', 'bad' | Invoke-DispatchTask { if ($_ -eq 'bad') { ($using:stuck).Gate.WaitForArrivals(1); throw 'broken' }; ($using:stuck).Hold() } -MaxWorkers 2 -ErrorAction Stop");
        running.Finish();
        Assert.Equal("broken", running.Error.Exception.Message);
        Assert.NotNull(running.Terminated);
    }

    [Fact]
    public void There_is_no_time_limit_unless_one_is_given()
    {
        Assert.Equal(["-00:00:00.0010000"], _session.Text("(Invoke-DispatchTask { 1 } -WithTask).DispatchTask.Timeout"));
        Assert.Equal(["00:00:30"], _session.Text("(Invoke-DispatchTask { 1 } -WithTask -Timeout 30).DispatchTask.Timeout"));
        Invocation invocation = _session.Invoke("'slow', 'quick' | Invoke-DispatchTask { $_; while ($_ -eq 'slow') { } } -Timeout 0.5 -Ordered");
        Assert.Equal(["slow", "quick"], invocation.Text);
        Assert.Null(invocation.Terminated);
        Assert.Equal(ErrorCategory.OperationTimeout, invocation.Error.CategoryInfo.Category);
        Assert.StartsWith("TaskTimedOut", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$d")]
    [InlineData("d")]
    [InlineData("D")]
    public void An_existing_dispatcher_can_be_used_and_goes_on(string dispatcher)
    {
        _session.StartDispatcher("-MaxWorkers 2");
        Assert.Equal(["1", "2", "3"], _session.Text("1..3 | Invoke-DispatchTask { $_ } -Ordered -Dispatcher " + dispatcher));
        Assert.Equal(["3", "Running"], _session.Text("$d.Statistics.Completed; $d.Status"));
    }

    [Fact]
    public void An_unknown_dispatcher_ends_it()
    {
        Invocation invocation = _session.Invoke("Invoke-DispatchTask { 1 } -Dispatcher nowhere");
        Assert.Empty(invocation.Output);
        Assert.StartsWith("DispatcherNotFound", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void One_bad_task_does_not_end_the_rest()
    {
        Invocation invocation = _session.Invoke("1..4 | Invoke-DispatchTask { if ($_ -eq 2) { throw \"broken $_\" }; $_ } -Ordered; 'next'");
        Assert.Equal(["1", "3", "4", "next"], invocation.Text);
        Assert.Null(invocation.Terminated);
        Assert.Equal("broken 2", invocation.Error.Exception.Message);
    }

    [Fact]
    public void Each_error_names_its_task_and_item()
    {
        Assert.Equal(
            ["item 1", "item 2", "MyTask", "MyId", "DeviceError", "target", "True"],
            _session.Text(
                "'item 1', 'item 2' | Invoke-DispatchTask { " + WriteMyError + " } -Ordered -Name MyTask -ErrorAction SilentlyContinue -ErrorVariable e | Out-Null;"
                + "$e[0].DispatchTask.InputObject; $e[1].DispatchTask.InputObject; $e[0].DispatchTask.Name; ($e[0].FullyQualifiedErrorId -split ',')[0]; $e[0].CategoryInfo.Category; $e[0].TargetObject;"
                + "$e[0].Exception.Data['DispatchTaskId'] -eq $e[0].DispatchTask.Id"));
    }

    [Theory]
    [InlineData("throw 'broken'")]
    [InlineData("[int]::Parse('x')")]
    [InlineData(WriteMyError)]
    public void An_error_caught_after_ErrorAction_Stop_names_its_task(string body)
    {
        Assert.Equal(
            ["True", "the task"],
            _session.Text("try { Invoke-DispatchTask { " + body + " } -Name 'the task' -ErrorAction Stop; 'not reached' } catch { $_.Exception.Data['DispatchTaskId'] -is [long]; $_.Exception.Data['DispatchTaskName'] }"));
    }

    [Fact]
    public void Common_parameters_act_once_on_what_it_writes()
    {
        const string Body = "{ [CmdletBinding()] param() $PSCmdlet.WriteWarning('warned'); $PSCmdlet.WriteInformation('told', @()); " + "$PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('e'), 'Id', 'NotSpecified', 1)); \"out $_\" }";
        Invocation invocation = _session.Invoke(
            "1..2 | Invoke-DispatchTask " + Body + " -Ordered -ErrorVariable e -WarningVariable w -InformationVariable i -OutVariable o -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -InformationAction Ignore");
        Assert.Equal(["out 1", "out 2"], invocation.Text);
        Assert.Empty(invocation.Errors);
        Assert.Empty(invocation.Streams.Warning);
        Assert.Empty(invocation.Streams.Information);
        Assert.Equal(["2", "2", "2", "warned", "out 2"], _session.Text("$e.Count; $w.Count; $o.Count; $w[0].Message; $o[1]"));
    }

    [Fact]
    public void PipelineVariable_has_each_output_object()
    {
        Assert.Equal(["1:1", "2:2", "3:3"], _session.Text("1..3 | Invoke-DispatchTask { $_ } -Ordered -PipelineVariable one | & { process { \"${one}:$_\" } }"));
    }

    [Fact]
    public void WithTask_names_the_task_of_each_output_object()
    {
        Assert.Equal(
            ["a/1/a", "b/2/b", "True"],
            _session.Text("$o = 'a', 'b' | Invoke-DispatchTask { $_ } -Ordered -WithTask; $o[0] + '/1/' + $o[0].DispatchTask.InputObject; $o[1] + '/2/' + $o[1].DispatchTask.InputObject; $o[0] -is [string]"));
    }

    [Theory]
    [InlineData("'text'")]
    [InlineData("[Version]'1.2'")]
    [InlineData("@{ a = 1 }")]
    [InlineData("[pscustomobject]@{ a = 1 }")]
    public void Without_WithTask_nothing_is_tagged(string value)
    {
        PSObject output = Assert.Single(_session.Invoke("Invoke-DispatchTask { " + value + " }").Objects);
        Assert.Null(output.Properties["DispatchTask"]);
        output = Assert.Single(_session.Invoke("Invoke-DispatchTask { " + value + " } -WithTask").Objects);
        Assert.NotNull(output.Properties["DispatchTask"]);
    }

    [Theory]
    [InlineData("$null | Invoke-DispatchTask { \"null: $($null -eq $_)\" }", "null: True")]
    [InlineData("Invoke-DispatchTask { \"$($_.Count)\" } -InputObject 1, 2, 3", "3")]
    [InlineData("1, (2, 3), $null | Invoke-DispatchTask { \"$(@($_).Count)\" } -Ordered", "1,2,1")]
    [InlineData("@() | Invoke-DispatchTask { 'ran' }", "")]
    [InlineData("& { } | Invoke-DispatchTask { 'ran' }", "")]
    [InlineData("Invoke-DispatchTask { $null; 1 } | & { process { \"[$_]\" } }", "[],[1]")]
    [InlineData("Invoke-DispatchTask { , (1, 2) } | & { process { \"$($_.Count)\" } }", "2")]
    public void Input_and_output_keep_their_shape(string script, string expected) => Assert.Equal(expected, string.Join(',', _session.Text(script)));

    [Fact]
    public void A_task_can_use_it_too()
    {
        Assert.Equal(
            ["1:1", "1:2", "2:1", "2:2"],
            _session.Text("1..2 | Invoke-DispatchTask { $outer = $_; 1..2 | Invoke-DispatchTask { \"${using:outer}:$_\" } -Ordered -MaxWorkers 2 } -Ordered -MaxWorkers 1"));
        Assert.Empty(_session.Run("Get-Dispatcher"));
    }

    [Fact]
    public void A_task_can_use_it_on_its_own_dispatcher_with_one_worker()
    {
        _session.StartDispatcher("-MaxWorkers 1 -QueueSize 1");
        Assert.Equal(["20"], _session.Text("Invoke-DispatchTask { @(1..20 | Invoke-DispatchTask { $_ } -Dispatcher d).Count } -Timeout 0 -Dispatcher d"));
    }

    [Fact]
    public void Nesting_is_fifty_deep_with_one_worker()
    {
        _session.StartDispatcher("-MaxWorkers 1");
        Assert.Equal(
            ["50"],
            _session.Text("""
                $down = {
                    param($depth, $self)
                    if ($depth -eq 50) { return $depth }
                    $t = Send-DispatchTask ([scriptblock]::Create($self)) -ArgumentList ($depth + 1), $self -Timeout 0
                    $null = $t | Wait-DispatchTask
                    $t | Receive-DispatchTask
                }
                Invoke-DispatchTask $down -ArgumentList 1, "$down" -Timeout 0 -Dispatcher d
                """));
        dynamic dispatcher = _session.One("$d");
        Session.Eventually(() => dispatcher.WorkerCount <= 1, "The pool has not shrunk again.");
    }

    [Fact]
    public void A_failed_task_can_be_retried()
    {
        Gate tries = _session.AddGate("tries");
        Assert.Equal(["3"], _session.Text("Invoke-DispatchTask { ($using:tries).Arrive(); if (($using:tries).Count -lt 3) { throw 'not yet' }; ($using:tries).Count } -Retry 5 -WarningAction Ignore"));
        Assert.Equal(3, tries.Count);
    }

    [Fact]
    public void Many_runs_of_it_leave_nothing()
    {
        _session["threads"] = new ConcurrentBag<Thread>();
        Assert.Equal(
            Enumerable.Repeat("4", 20),
            _session.Text("foreach ($n in 1..20) { @(1..4 | Invoke-DispatchTask { ($using:threads).Add([Threading.Thread]::CurrentThread); $_ } -MaxWorkers 2).Count }"));
        IEnumerable<Thread> threads = ((ConcurrentBag<Thread>)_session["threads"]!).Distinct();
        Assert.All(threads, thread => Assert.True(thread.Join(Limits.Hang), "A worker is left."));
    }

    [Fact]
    public void Ten_thousand_items_all_come_back()
    {
        Assert.Equal([50005000L], _session.Run("$sum = 0L; foreach ($n in 1..10000 | Invoke-DispatchTask { $_ } -MaxWorkers 4) { $sum += $n }; $sum"));
    }

    [Fact]
    public void On_a_dispatcher_that_does_not_run_it_says_so()
    {
        using var session = new Session();
        session.Run("$d = New-Dispatcher d");
        ErrorRecord error = session.Fail("Invoke-DispatchTask { 1 } -Dispatcher d");
        Assert.StartsWith("DispatcherNotRunning", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_of_workers_do_not_go_with_an_existing_dispatcher()
    {
        using var session = new Session();
        session.StartDispatcher();
        ErrorRecord error = session.Fail("Invoke-DispatchTask { 1 } -Dispatcher d -MaxWorkers 2 -ResetState");
        Assert.StartsWith("WorkerSettingsInvalid", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-MaxWorkers, -ResetState", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_that_writes_without_end_does_not_hold_the_input_back()
    {
        using var session = new Session();
        using Gate gate = session.AddGate();
        Assert.Equal(
            ["seen"],
            session.Text("& { 1; 2 } | Invoke-DispatchTask { if ($_ -eq 2) { $gate = $using:gate; $gate.Open(); 'seen' } else { while (-not ($using:gate).IsOpen) { 1 } } } -MaxWorkers 2 | & { process { if ($_ -eq 'seen') { $_ } } }"));
    }
}
