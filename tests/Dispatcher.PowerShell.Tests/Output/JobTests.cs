using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>One job over many tasks, in the hands of PowerShell's own job cmdlets.</summary>
public sealed class JobTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    public static TheoryData<string> Sources => new() { "Invoke-DispatchTask -AsJob", "Send-DispatchTask -AsJob" };

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_job_is_returned_and_found(string source)
    {
        Job job = Start("1..3 | " + source + " { $_ } -Name mine");
        Assert.Equal("mine", job.Name);
        Assert.Empty(job.ChildJobs);
        Assert.Equal([job.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)], _session.Text("(Get-Job).Id"));
        Assert.Equal(["True"], _session.Text("(Get-Job -Name mine) -eq $job"));
        Assert.Equal(["Completed"], _session.Text("($job | Wait-Job).State"));
        Assert.Equal(["1", "2", "3"], _session.Text("$job | Receive-Job").Order(StringComparer.Ordinal));
        Assert.Contains("3 of 3", job.StatusMessage, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Receive_empties_it_unless_Keep(string source)
    {
        Job job = Start("'a' | " + source + " { $_; 'b' }");
        Wait(job);
        Assert.True(job.HasMoreData);
        Assert.Equal(["a", "b"], _session.Text("$job | Receive-Job -Keep"));
        Assert.True(job.HasMoreData);
        Assert.Equal(["a", "b"], _session.Text("$job | Receive-Job"));
        Assert.False(job.HasMoreData);
        Assert.Empty(_session.Run("$job | Receive-Job"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_handler_of_its_streams_that_throws_loses_nothing(string source)
    {
        // As that of Receive-Job -Wait does, when Select-Object -First ends its pipeline.
        Gate gate = _session.AddGate();
        Job job = Start("0 | " + source + " { ($using:gate).Pass(); 1..3; Write-Warning 'w'; Write-Error 'e'; 4 }");
        gate.WaitForArrivals();
        job.Output.DataAdded += (_, _) => throw new PSInvalidOperationException("a handler");
        job.Warning.DataAdded += (_, _) => throw new PipelineStoppedException();
        job.Error.DataAdded += (_, _) => throw new ObjectDisposedException("a handler");
        gate.Open();
        Wait(job);
        Assert.Equal(JobState.Completed, job.JobStateInfo.State);
        Assert.Equal(["1", "2", "3", "4"], job.Output.Select(value => value.ToString()));
        Assert.Single(job.Warning);
        Assert.Single(job.Error);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Receive_takes_what_there_is_of_a_running_one(string source)
    {
        Gate gate = _session.AddGate();
        Job job = Start(source + " { 'early'; ($using:gate).Pass(); 'late' }");
        gate.WaitForArrivals();
        Session.Eventually(() => job.Output.Count == 1, "The first object has not come.");
        Assert.Equal(["early"], _session.Text("$job | Receive-Job"));
        Assert.True(job.HasMoreData);
        Assert.Equal(JobState.Running, job.JobStateInfo.State);
        gate.Open();
        Wait(job);
        Assert.Equal(["late"], _session.Text("$job | Receive-Job"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Receive_with_Wait_and_AutoRemoveJob_leaves_none(string source)
    {
        Gate gate = _session.AddGate();
        Start("1..3 | " + source + " { ($using:gate).Pass(); $_ }");
        Invocation receiving = _session.Start("$job | Receive-Job -Wait -AutoRemoveJob");
        gate.Open();
        Assert.Equal(["1", "2", "3"], receiving.Finish().Text.Order(StringComparer.Ordinal));
        Assert.Empty(_session.Run("Get-Job"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Wait_has_Timeout_and_Any(string source)
    {
        Gate gate = _session.AddGate();
        Job slow = Start(source + " { ($using:gate).Pass() } -Name slow");
        gate.WaitForArrivals();
        Assert.Empty(_session.Run("$job | Wait-Job -Timeout 1"));
        _session["slow"] = slow;
        Assert.Equal(["quick"], _session.Text("$quick = " + source + " { 1 } -Name quick; ($quick, $slow | Wait-Job -Any).Name"));
        Assert.Equal(JobState.Running, slow.JobStateInfo.State);
        gate.Open();
        Assert.Equal(["2"], _session.Text("@($quick, $slow | Wait-Job).Count"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_failed_task_makes_it_Failed_and_the_others_run(string source)
    {
        Job job = Start("1..3 | " + source + " { if ($_ -eq 2) { throw 'broken' }; $_ }");
        Wait(job);
        Assert.Equal(JobState.Failed, job.JobStateInfo.State);
        Invocation received = _session.Invoke("$job | Receive-Job");
        Assert.Equal(["1", "3"], received.Text.Order(StringComparer.Ordinal));
        Assert.Equal("broken", received.Error.Exception.Message);
        Assert.NotNull(received.Error.Exception.Data["DispatchTaskId"]);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Errors_that_a_task_goes_on_after_do_not_fail_it(string source)
    {
        Job job = Start(source + " { 1 / $null; 'after' }");
        Wait(job);
        Assert.Equal(JobState.Completed, job.JobStateInfo.State);
        Assert.Single(job.Error);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_timeout_makes_it_Failed(string source)
    {
        Job job = Start("'stuck', 'ok' | " + source + " { $_; while ($_ -eq 'stuck') { } } -Timeout 0.5");
        Wait(job);
        Assert.Equal(JobState.Failed, job.JobStateInfo.State);
        Assert.Equal(["ok", "stuck"], job.Output.Select(one => one.ToString()).Order(StringComparer.Ordinal));
        Assert.StartsWith("TaskTimedOut", Assert.Single(job.Error).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void All_streams_are_there(string source)
    {
        Start(source + """
             {
                [CmdletBinding()] param()
                $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
                'out'
                $PSCmdlet.WriteWarning('warning')
                $PSCmdlet.WriteVerbose('verbose')
                $PSCmdlet.WriteDebug('debug')
                $PSCmdlet.WriteInformation([Management.Automation.InformationRecord]::new('information', 'source'))
                $PSCmdlet.WriteProgress([Management.Automation.ProgressRecord]::new(7, 'activity', 'status'))
                $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([ArgumentException]::new('error'), 'MyId', 'DeviceError', 'target'))
            }
            """);
        Invocation received = _session.Invoke("$VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'; $null = $job | Wait-Job; $job | Receive-Job");
        Assert.Equal(["out"], received.Text);
        Assert.Equal("warning", Assert.Single(received.Streams.Warning).Message);
        Assert.Equal("verbose", Assert.Single(received.Streams.Verbose).Message);
        Assert.Equal("debug", Assert.Single(received.Streams.Debug).Message);
        Assert.Equal("information", Assert.Single(received.Streams.Information).MessageData);
        Assert.Equal("activity", Assert.Single(received.Streams.Progress).Activity);
        Assert.StartsWith("MyId", received.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.DeviceError, received.Error.CategoryInfo.Category);
        Assert.Equal(["False"], _session.Text("$job.HasMoreData"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Stop_is_final_when_it_returns_though_a_task_is_stuck(string source)
    {
        using var stuck = new Stubborn();
        Job job = StartStuck(source, stuck);
        _session.Run("$job | Stop-Job");
        Assert.Equal(JobState.Stopped, job.JobStateInfo.State);
        Wait(job); // The engine sets that event after all handlers.
        Assert.False(stuck.Gate.IsOpen);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Remove_with_Force_ends_a_running_one(string source)
    {
        using var stuck = new Stubborn();
        StartStuck(source, stuck);
        _session.Run("$job | Remove-Job -Force");
        Assert.Empty(_session.Run("Get-Job"));
        Assert.False(stuck.Gate.IsOpen);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Remove_without_Force_is_refused_while_it_runs(string source)
    {
        Gate gate = _session.AddGate();
        Job job = Start(source + " { ($using:gate).Pass() }");
        gate.WaitForArrivals();
        Assert.Single(_session.Invoke("$job | Remove-Job").Errors);
        gate.Open();
        Wait(job);
        _session.Run("$job | Remove-Job");
        Assert.Empty(_session.Run("Get-Job"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Jobs_removed_as_they_end_do_not_harm_the_host(string source)
    {
        // An exception on a job's own thread would end this process.
        _session.StartDispatcher();
        Assert.Equal(["0"], _session.Text("foreach ($n in 1..100) { $j = " + source + " { 1 }; if ($n % 2) { $null = $j | Wait-Job }; $j | Remove-Job -Force }; @(Get-Job).Count"));
    }

    [Fact]
    public void It_can_be_removed_while_a_handler_of_its_end_waits_for_that()
    {
        Gate gate = _session.AddGate();
        var job = (Job)_session.One("Invoke-DispatchTask { ($using:gate).Pass() } -AsJob");
        using var handling = new ManualResetEventSlim();
        using var removed = new ManualResetEventSlim();
        bool wasRemoved = false;
        job.StateChanged += (_, change) =>
        {
            if (change.JobStateInfo.State == JobState.Completed)
            {
                handling.Set();
                wasRemoved = removed.Wait(Limits.Hang);
            }
        };
        gate.Open();
        Assert.True(handling.Wait(Limits.Hang));

        job.Dispose();

        removed.Set();
        Session.Eventually(() => Volatile.Read(ref wasRemoved), "the handler to end");
    }

    [Fact]
    public void Removing_from_the_event_of_its_end_is_harmless()
    {
        Gate gate = _session.AddGate();
        Job job = Start("Invoke-DispatchTask { ($using:gate).Pass() } -AsJob");
        using var raised = new ManualResetEventSlim();
        job.StateChanged += (_, change) =>
        {
            if (change.JobStateInfo.State == JobState.Completed)
            {
                job.Dispose();
                raised.Set();
            }
        };
        gate.Open();
        Assert.True(raised.Wait(Limits.Hang), "The event did not come.");
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void StateChanged_comes_once_with_the_end(string source)
    {
        Gate gate = _session.AddGate();
        Job job = Start(source + " { ($using:gate).Pass(); 1 }");
        var states = new ConcurrentQueue<JobState>();
        using var ended = new ManualResetEventSlim();
        job.StateChanged += (_, change) =>
        {
            states.Enqueue(change.JobStateInfo.State);
            ended.Set();
        };
        gate.Open();
        Assert.True(ended.Wait(Limits.Hang), "The event did not come.");
        Wait(job);
        Assert.Equal([JobState.Completed], states);
    }

    [Fact]
    public void It_returns_before_its_tasks_have_run_however_many_there_are()
    {
        Gate gate = _session.AddGate();
        Job job = Start("1..3000 | Invoke-DispatchTask { ($using:gate).WaitUntilOpen(); $_ } -MaxWorkers 1 -AsJob");
        Assert.Equal(JobState.Running, job.JobStateInfo.State);
        Assert.Empty(_session.Run("Get-Dispatcher"));
        gate.Open();
        Wait(job);
        Assert.Equal(3000, job.Output.Count);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void It_spans_ten_thousand_tasks(string source)
    {
        Job job = Start("1..10000 | " + source + " { $_ }");
        Wait(job);
        Assert.Equal(JobState.Completed, job.JobStateInfo.State);
        Assert.Empty(job.ChildJobs);
        Assert.Equal(50005000L, job.Output.Sum(one => (long)(int)one.BaseObject));
    }

    [Fact]
    public void Output_can_be_ordered_and_tagged()
    {
        Start("1..50 | Invoke-DispatchTask { $_ } -AsJob -Ordered -WithTask -MaxWorkers 3");
        Assert.Equal(
            Enumerable.Range(1, 50).Select(n => n + "=" + n),
            _session.Text("$job | Receive-Job -Wait | & { process { \"$_=$($_.DispatchTask.InputObject)\" } }"));
    }

    [Fact]
    public void An_empty_pipeline_makes_a_job_that_is_complete()
    {
        Job job = Start("@() | Invoke-DispatchTask { 1 } -AsJob");
        Wait(job);
        Assert.Equal(JobState.Completed, job.JobStateInfo.State);
        Assert.False(job.HasMoreData);
    }

    [Fact]
    public void Its_workers_are_gone_when_it_has_ended()
    {
        _session["threads"] = new ConcurrentBag<Thread>();
        Wait(Start("1..4 | Invoke-DispatchTask { ($using:threads).Add([Threading.Thread]::CurrentThread) } -AsJob"));
        Assert.All(((ConcurrentBag<Thread>)_session["threads"]!).Distinct(), thread => Assert.True(thread.Join(Limits.Hang), "A worker is left."));
    }

    [Fact]
    public void A_job_that_was_not_made_leaves_no_dispatcher()
    {
        Assert.StartsWith("UsingVariableIsUndefined", _session.Fail("Invoke-DispatchTask { $using:nowhere } -AsJob").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_session.Run("Get-Job"));
        Assert.Equal(0, HiddenDispatchers());
    }

    [Fact]
    public void Stopping_the_pipeline_that_makes_it_stops_its_tasks()
    {
        Gate hold = _session.AddGate("hold");
        _session["ended"] = new Gate();
        Invocation making = _session.Start("& { 1; $hold.Arrive(); while ($true) { } } | Invoke-DispatchTask { try { while ($true) { } } finally { ($using:ended).Arrive() } } -AsJob");
        hold.WaitForArrivals();
        making.Stop();
        Assert.True(making.WasStopped);
        Assert.Empty(_session.Run("Get-Job"));
        Assert.Equal(0, HiddenDispatchers());
    }

    [Fact]
    public void Stopping_that_pipeline_does_not_wait_for_tasks_that_are_stuck()
    {
        using var stuck = new Stubborn();
        _session["stuck"] = stuck;
        dynamic dispatcher = _session.StartDispatcher("-StopGrace 1000").One("$d");
        Invocation making = _session.Start("& { 1; while ($true) { } } | Send-DispatchTask { ($using:stuck).Hold() } -AsJob -Timeout 0");
        stuck.Gate.WaitForArrivals();
        making.Stop();
        Assert.True(making.WasStopped);
        Assert.False(stuck.Gate.IsOpen);
        stuck.Gate.Open();
        Session.Eventually(() => dispatcher.Statistics.Running == 0, "The task has not ended.");
        Assert.Equal(1, dispatcher.Statistics.Stopped);
        Assert.Empty(_session.Run("Get-Job"));
    }

    [Fact]
    public void When_its_session_closes_it_is_stopped()
    {
        var other = new Session();
        Gate gate = other.AddGate();
        var job = (Job)other.One("Invoke-DispatchTask { ($using:gate).Arrive(); while ($true) { } } -AsJob");
        gate.WaitForArrivals();
        other.Runspace.Close();
        Assert.True(job.Finished.WaitOne(Limits.Hang), "It still runs.");
        Assert.Equal(JobState.Stopped, job.JobStateInfo.State);
        other.Dispose();
    }

    [Fact]
    public void When_its_tasks_are_stopped_it_is_stopped()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher();
        Job job = Start("Send-DispatchTask { ($using:gate).Arrive(); while ($true) { } } -Name t -AsJob", dispatcher: false);
        gate.WaitForArrivals();
        _session.Run("Stop-DispatchTask -Name t");
        Wait(job);
        Assert.Equal(JobState.Stopped, job.JobStateInfo.State);
    }

    [UnixFact]
    public void Executables_can_be_a_job()
    {
        Job job = Start("1..2 | Invoke-DispatchTask -FilePath printf -ArgumentList { '<%s>', $_ } -AsJob -Ordered");
        Wait(job);
        Assert.Equal(["<1>", "<2>"], job.Output.Select(one => one.ToString()));
    }

    private static void Wait(Job job) => Assert.True(job.Finished.WaitOne(Limits.Hang), "The job has not ended.");

    private static int HiddenDispatchers(Session session) =>
        session.One("""
            $type = (Get-Command Invoke-DispatchTask).ImplementingType.Assembly.GetType('Dispatching.PowerShell.SessionDispatchers')
            $table = $type.GetField('s_bySession', 'NonPublic, Static').GetValue($null)
            $list = $null
            if ($table.TryGetValue([runspace]::DefaultRunspace.InstanceId, [ref] $list)) { $list.Count } else { 0 }
            """);

    private int HiddenDispatchers() => HiddenDispatchers(_session);

    private Job Start(string command, bool? dispatcher = null)
    {
        if (dispatcher ?? command.Contains("Send-", StringComparison.Ordinal))
        {
            _session.StartDispatcher("-StopGrace 0.3");
        }

        _session.Run("$job = " + command);
        return (Job)_session.One("$job");
    }

    private Job StartStuck(string source, Stubborn stuck)
    {
        _session["stuck"] = stuck;
        Job job = Start("1..3 | " + source + " { ($using:stuck).Hold() }");
        stuck.Gate.WaitForArrivals();
        return job;
    }
}

/// <summary>A call that nothing but the test ends.</summary>
public sealed class Stubborn : IDisposable
{
    /// <summary>Where it holds.</summary>
    public Gate Gate { get; } = new();

    /// <summary>Blocks until the gate is open, whoever interrupts it.</summary>
    public void Hold()
    {
        Gate.Arrive();
        while (!Gate.IsOpen)
        {
            try
            {
                Gate.WaitUntilOpen();
            }
            catch (ThreadInterruptedException)
            {
                // That is what it is for.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Gate.Dispose();
}
