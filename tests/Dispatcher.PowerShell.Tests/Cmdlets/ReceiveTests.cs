using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class ReceiveTests : IDisposable
{
    private const string AllStreams = """
        [CmdletBinding()] param()
        $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
        'out 1'
        $PSCmdlet.WriteWarning('warning')
        'out 2'
        $PSCmdlet.WriteVerbose('verbose')
        $PSCmdlet.WriteDebug('debug')
        $PSCmdlet.WriteInformation([Management.Automation.InformationRecord]::new('information', 'source'))
        $PSCmdlet.WriteProgress([Management.Automation.ProgressRecord]::new(7, 'activity', 'status'))
        $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([ArgumentException]::new('error'), 'MyId', 'DeviceError', 'target'))
        'out 3'
        """;

    private readonly Session _session = new();

    public ReceiveTests() => _session.StartDispatcher("-MaxWorkers 2");

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Each_stream_is_replayed_into_the_same_stream()
    {
        Invocation invocation = _session.Invoke(
            "$VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'; $t = Send-DispatchTask {" + AllStreams + "}; $t | Receive-DispatchTask -Wait");
        Assert.Equal(["out 1", "out 2", "out 3"], invocation.Text);
        Assert.Equal("warning", Assert.Single(invocation.Streams.Warning).Message);
        Assert.Equal("verbose", Assert.Single(invocation.Streams.Verbose).Message);
        Assert.Equal("debug", Assert.Single(invocation.Streams.Debug).Message);
        InformationRecord information = Assert.Single(invocation.Streams.Information);
        Assert.Equal("information", information.MessageData);
        Assert.Equal("source", information.Source);
        // Shown below an activity of the cmdlet, with an id of its own, and both taken down at the end. On a busy machine the
        // activity is shown again, with how far it is.
        Assert.Equal(
            ["Receive-DispatchTask Processing", "activity Processing", "activity Completed", "Receive-DispatchTask Completed"],
            invocation.Streams.Progress.Select(progress => progress.Activity + " " + progress.RecordType).Distinct());
        ProgressRecord shown = invocation.Streams.Progress.First(progress => progress.Activity == "activity");
        Assert.Equal("status", shown.StatusDescription);
        Assert.Equal(invocation.Streams.Progress[0].ActivityId, shown.ParentActivityId);
        ErrorRecord error = invocation.Error;
        Assert.StartsWith("MyId", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain("Receive", error.FullyQualifiedErrorId, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(ErrorCategory.DeviceError, error.CategoryInfo.Category);
        Assert.Equal("target", error.TargetObject);
        Assert.IsType<ArgumentException>(error.Exception);
    }

    [Fact]
    public void The_order_across_streams_is_that_of_writing()
    {
        Assert.Equal(
            ["out 1", "WarningRecord", "out 2", "VerboseRecord", "DebugRecord", "InformationRecord", "ErrorRecord", "out 3"],
            _session.Text(
                "$VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'; $t = Send-DispatchTask {" + AllStreams + "};"
                + "$t | Receive-DispatchTask -Wait *>&1 | & { process { if ($_ -is [string]) { $_ } else { $_.GetType().Name } } }"));
    }

    [Fact]
    public void The_caller_s_preferences_are_applied_once()
    {
        Invocation invocation = _session.Invoke(
            "$WarningPreference = 'SilentlyContinue'; $t = Send-DispatchTask {" + AllStreams + "}; $t | Receive-DispatchTask -Wait -ErrorAction SilentlyContinue -ErrorVariable e -WarningVariable w -OutVariable o");
        Assert.Equal(3, invocation.Output.Count);
        Assert.Empty(invocation.Errors);
        Assert.Empty(invocation.Streams.Warning);
        Assert.Empty(invocation.Streams.Verbose);
        Assert.Empty(invocation.Streams.Debug);
        Assert.Equal(["1", "1", "3"], _session.Text("$e.Count; $w.Count; $o.Count"));
    }

    [Fact]
    public void ErrorAction_Stop_ends_the_receiver_with_the_task_s_error()
    {
        Assert.Equal(
            ["a", "MyId", "rest"],
            _session.Text("""
                $t = Send-DispatchTask { [CmdletBinding()] param() 'a'; $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([ArgumentException]::new('error'), 'MyId', 'DeviceError', 'target')); 'rest' } | Wait-DispatchTask
                try { $t | Receive-DispatchTask -ErrorAction Stop } catch { ($_.FullyQualifiedErrorId -split ',')[0] }
                'rest'
                """));
    }

    [Fact]
    public void A_task_is_emptied_unless_kept()
    {
        Assert.Equal(
            ["1", "2", "|", "1", "2", "|", "1", "2", "|", "|", "0"],
            _session.Text("""
                $t = Send-DispatchTask { 1; 2 } | Wait-DispatchTask
                $t | Receive-DispatchTask -Keep
                '|'
                $t | Receive-DispatchTask -Keep
                '|'
                $t | Receive-DispatchTask
                '|'
                $t | Receive-DispatchTask
                '|'
                $t.Output.Count
                """));
    }

    [Fact]
    public void Properties_are_by_stream_and_leave_the_records()
    {
        Assert.Equal(
            ["out 1,out 2,out 3", "error", "warning", "verbose", "debug", "information", "status", "True", "Completed", "3"],
            _session.Text(
                "$t = Send-DispatchTask {" + AllStreams + "} | Wait-DispatchTask; $t.Output -join ','; $t.Error.Exception.Message; $t.Warning.Message; $t.Verbose.Message; $t.Debug.Message;"
                + "$t.Information.MessageData; $t.Progress.StatusDescription; $t.HadErrors; $t.State; @($t | Receive-DispatchTask -ErrorAction Ignore -WarningAction Ignore).Count"));
    }

    [Fact]
    public void Without_Wait_it_takes_what_is_there_of_a_running_task()
    {
        Gate gate = _session.AddGate();
        _session.Run("$t = Send-DispatchTask { 'early'; ($using:gate).Pass(); 'late' }");
        gate.WaitForArrivals();
        Assert.Equal(["early", "Running"], _session.Text("$t | Receive-DispatchTask; $t.State"));
        Assert.Equal([], _session.Text("$t | Receive-DispatchTask"));
        gate.Open();
        Assert.Equal(["late"], _session.Text("$t | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void With_Wait_output_comes_live()
    {
        Gate gate = _session.AddGate();
        Invocation receiving = _session.Start("Send-DispatchTask { 'early'; ($using:gate).Pass(); 'late' } -Timeout 0 | Receive-DispatchTask -Wait");
        gate.WaitForArrivals();
        Session.Eventually(() => receiving.Output.Count == 1, "The early output has not come.");
        Assert.False(receiving.IsCompleted);
        gate.Open();
        Assert.Equal(["early", "late"], receiving.Finish().Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" -Ordered")]
    [InlineData(" -Keep")]
    public void With_Wait_what_was_written_before_comes_at_once(string parameters)
    {
        Gate gate = _session.AddGate();
        _session.Run("$t = Send-DispatchTask { 'early'; ($using:gate).Pass(); 'late' } -Timeout 0");
        gate.WaitForArrivals();
        Invocation receiving = _session.Start("$t | Receive-DispatchTask -Wait" + parameters);
        Session.Eventually(() => receiving.Output.Count == 1, "The early output has not come.");
        Assert.False(receiving.IsCompleted);
        gate.Open();
        Assert.Equal(["early", "late"], receiving.Finish().Text);
    }

    [Fact]
    public void With_Wait_the_tasks_come_as_they_write_and_with_Ordered_as_they_were_given()
    {
        Gate gate = _session.AddGate();
        const string Send = "$t = 'slow', 'fast' | Send-DispatchTask { if ($_ -eq 'slow') { ($using:gate).Pass() }; $_ } -Timeout 0; $null = Wait-DispatchTask $t[1];";
        Invocation receiving = _session.Start(Send + "$t | Receive-DispatchTask -Wait");
        gate.WaitForArrivals();
        Session.Eventually(() => receiving.Output.Count == 1, "The fast one has not come.");
        Assert.Equal(["fast"], receiving.Text);
        gate.Open();
        Assert.Equal(["fast", "slow"], receiving.Finish().Text);

        gate = _session.AddGate();
        receiving = _session.Start(Send + "$t | Receive-DispatchTask -Wait -Ordered");
        gate.WaitForArrivals();
        gate.Open();
        Assert.Equal(["slow", "fast"], receiving.Finish().Text);
    }

    [Fact]
    public void Without_Wait_the_order_is_that_given()
    {
        Assert.Equal(["2", "1"], _session.Text("$t = 1..2 | Send-DispatchTask { $_ } | Wait-DispatchTask; $t[1], $t[0] | Receive-DispatchTask -Ordered:$false"));
    }

    [Fact]
    public void Ordered_with_Keep_and_Wait_writes_all_once_in_order_and_again()
    {
        Assert.Equal(
            ["1", "1", "2", "2", "3", "3", "1", "1", "2", "2", "3", "3"],
            _session.Text("$t = 1..3 | Send-DispatchTask { $_; $_ }; $t | Receive-DispatchTask -Wait -Ordered -Keep; $t | Receive-DispatchTask -Wait -Ordered"));
    }

    [Fact]
    public void When_its_Timeout_runs_out_an_error_says_how_many_have_not_ended()
    {
        Gate gate = _session.AddGate();
        _session.Run("$t = 1..2 | Send-DispatchTask { if ($_ -eq 2) { ($using:gate).Pass() }; $_ } -Timeout 0; $null = $t[0] | Wait-DispatchTask");
        gate.WaitForArrivals();
        foreach (string timeout in new[] { "0", "0.1", "'00:00:00.1'" })
        {
            Invocation invocation = _session.Invoke("$t | Receive-DispatchTask -Wait -Keep -Timeout " + timeout);
            Assert.Equal(["1"], invocation.Text);
            Assert.StartsWith("TasksNotEnded,", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.OperationTimeout, invocation.Error.CategoryInfo.Category);
            Assert.Contains("1 of the tasks", invocation.Error.ToString(), StringComparison.Ordinal);
        }

        gate.Open();
        Assert.Equal(["1", "2"], _session.Text("$t | Receive-DispatchTask -Wait -Timeout 60 -Ordered"));
    }

    [Fact]
    public void A_failed_task_s_error_comes_last_and_names_nothing_else()
    {
        Invocation invocation = _session.Invoke("Send-DispatchTask { 'a'; throw [InvalidOperationException]::new('broken') } | Receive-DispatchTask -Wait");
        Assert.Equal(["a"], invocation.Text);
        Assert.IsType<InvalidOperationException>(invocation.Error.Exception);
        Assert.Equal("broken", invocation.Error.Exception.Message);
    }

    [Fact]
    public void An_error_kept_is_whole_each_time_it_is_received()
    {
        Invocation invocation = _session.Invoke("$t = Send-DispatchTask { throw 'x' } | Wait-DispatchTask; 1..3 | & { process { $t | Receive-DispatchTask -Keep } }");
        Assert.Equal(3, invocation.Errors.Count);
        Assert.All(invocation.Errors, error =>
        {
            Assert.Equal("x", error.FullyQualifiedErrorId);
            Assert.Contains("throw 'x'", error.InvocationInfo.PositionMessage, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.OperationStopped, error.CategoryInfo.Category);
        });
    }

    [Fact]
    public void The_exception_of_the_task_is_that_of_its_error()
    {
        Assert.Equal(
            ["broken", "InvalidOperationException"],
            _session.Text("$t = Send-DispatchTask { throw [InvalidOperationException]::new('broken') } | Wait-DispatchTask; $t.Exception.Message; $t.Error[0].Exception.GetType().Name"));
    }

    [Fact]
    public void Tasks_are_received_by_name_and_id_too()
    {
        Assert.Equal(
            ["1", "2", "3", "4"],
            _session.Text("""
                $a = Send-DispatchTask { 1 } -Name first
                $b = 2, 3 | Send-DispatchTask { $_ } -Name second
                $c = Send-DispatchTask { 4 }
                Receive-DispatchTask -Name first -Wait
                Receive-DispatchTask -Name sec* -Dispatcher d -Wait -Ordered
                Receive-DispatchTask -Id $c.Id -Wait
                """));
    }

    [Fact]
    public void Huge_output_comes_whole()
    {
        Assert.Equal(
            ["200000", "20000100000", "30000000"],
            _session.Text("""
                $sum = [long]0; $n = 0
                Send-DispatchTask { 1..200000 } | Receive-DispatchTask -Wait | & { process { $script:n++; $script:sum += $_ } }
                $n; $sum
                (Send-DispatchTask { 'x' * 30000000 } | Receive-DispatchTask -Wait).Length
                """));
    }

    [Fact]
    public void Empty_output_is_nothing()
    {
        Assert.Equal(["0"], _session.Text("@(1..3 | Send-DispatchTask { } | Receive-DispatchTask -Wait).Count"));
    }

    [Fact]
    public void Warnings_of_a_retry_say_what_failed()
    {
        Invocation invocation = _session.Invoke("$t = Send-DispatchTask { throw 'no luck' } -Retry 1 -Name unlucky; $t | Receive-DispatchTask -Wait");
        WarningRecord warning = Assert.Single(invocation.Streams.Warning);
        Assert.Contains("unlucky", warning.Message, StringComparison.Ordinal);
        Assert.Contains("no luck", warning.Message, StringComparison.Ordinal);
        Assert.Equal("no luck", invocation.Error.ToString());
        Assert.Equal(["Failed", "2"], _session.Text("$t.State; $t.Attempt"));
    }

    [Fact]
    public void A_receiver_whose_downstream_stops_leaves_the_session_well()
    {
        Assert.Equal(
            ["1", "stopped", "Completed", "on"],
            _session.Text("""
                $t = Send-DispatchTask { 1; 2; 3 }
                try { $t | Receive-DispatchTask -Wait | & { process { $_; throw 'stopped' } } } catch { "$_" }
                (Wait-DispatchTask $t).State
                Send-DispatchTask { 'on' } | Receive-DispatchTask -Wait
                """));
    }

    [Fact]
    public void Many_receivers_of_one_task_share_its_records()
    {
        Gate gate = _session.AddGate();
        _session.Run("$t = Send-DispatchTask { ($using:gate).Pass(); 1..1000 } -Timeout 0");
        gate.WaitForArrivals();
        using var first = new Session();
        using var second = new Session();
        first["t"] = second["t"] = _session["t"];
        Invocation one = first.Start("$t | Receive-DispatchTask -Wait");
        Invocation two = second.Start("$t | Receive-DispatchTask -Wait");
        gate.Open();
        int[] all = one.Finish().Output.Concat(two.Finish().Output).Cast<int>().Order().ToArray();
        Assert.Equal(Enumerable.Range(1, 1000), all);
    }

    [Fact]
    public void Its_time_runs_out_though_a_task_writes_without_end()
    {
        ErrorRecord error = _session.Fail("$t = Send-DispatchTask { while ($true) { 1 } }; $t | Receive-DispatchTask -Wait -Timeout 0.5 | Out-Null");
        Assert.StartsWith("TasksNotEnded", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        _session.Run("$t | Stop-DispatchTask");
    }
}
