using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Nothing runs on after the module is removed, or the session has closed.</summary>
public sealed class ModuleLifetimeTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Removing_the_module_ends_everything()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 2 -StopGrace 0.1");
        dynamic dispatcher = _session.One("$d");
        dynamic task = _session.One("$t = 1..5 | Send-DispatchTask { try { while ($true) { ($using:gate).Arrive(); [Threading.Thread]::Sleep(100000) } } catch { } } -Timeout 0; , $t");
        gate.WaitForArrivals(2);
        _session.Run("Remove-Module Dispatcher");
        Assert.Equal("Stopped", dispatcher.Status.ToString());
        Assert.Equal(0, dispatcher.WorkerCount);
        Assert.Equal(5, dispatcher.Statistics.Stopped);
        foreach (dynamic one in task)
        {
            Assert.Equal("Stopped", one.State.ToString());
        }
    }

    [UnixFact]
    public void Removing_the_module_ends_native_programs()
    {
        string sleep = Processes.LongSleep();
        _session.StartDispatcher("-MaxWorkers 3 -StopGrace 0.2");
        dynamic tasks = _session.One("""
            $n = $args[0]
            $t = @(
                Send-DispatchTask -FilePath sh -ArgumentList '-c', "sleep $n & echo up; wait" -Timeout 0
                Send-DispatchTask { & sh -c "sleep $using:n & echo up; wait" } -Timeout 0
                Send-DispatchTask -FilePath sh -ArgumentList '-c', "trap '' TERM; sleep $n & echo up; while :; do wait; done" -Timeout 0
            )
            , $t
            """, sleep);
        foreach (dynamic task in tasks)
        {
            Session.Eventually(() => task.Output.Length == 1, "It has not started.");
        }

        _session.Run("Remove-Module Dispatcher");
        Processes.AssertNone(sleep);
    }

    [Fact]
    public void The_module_can_be_imported_again()
    {
        Assert.Equal(
            ["0", "5"],
            _session.Text("$d = New-Dispatcher d; Start-Dispatcher; Remove-Module Dispatcher; Import-Module $args[0]; @(Get-Dispatcher).Count; $null = New-Dispatcher d; Start-Dispatcher; Send-DispatchTask { 5 } | Receive-DispatchTask -Wait", StagedModule.Manifest));
    }

    [Fact]
    public void Importing_it_again_with_Force_leaves_nothing_that_cannot_be_reached()
    {
        dynamic dispatcher = _session.StartDispatcher().One("$d");
        _session.Run("Import-Module -Force $args[0]", StagedModule.Manifest);

        // The engine tells a module that is imported again of its removal only where it is a binary one itself.
        Assert.Equal(dispatcher.Status.ToString() == "Stopped" ? 0 : 1, _session.Run("Get-Dispatcher").Count);
        _session.Run("Remove-Module Dispatcher");
        Assert.Equal("Stopped", dispatcher.Status.ToString());
    }

    [Fact]
    public void Removing_it_from_one_session_leaves_the_others_alone()
    {
        using var other = new Session();
        _session.StartDispatcher();
        other.StartDispatcher();
        _session.Run("Remove-Module Dispatcher");
        Assert.Equal(["Running", "7"], other.Text("$d.Status; Send-DispatchTask { 7 } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void Closing_the_session_ends_everything()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0.1");
        dynamic dispatcher = _session.One("$d");
        _session.Run("$t = 1..3 | Send-DispatchTask { ($using:gate).Pass() } -Timeout 0");
        gate.WaitForArrivals();
        _session.Runspace.Close();
        Session.Eventually(() => dispatcher.Status.ToString() == "Stopped" && dispatcher.Statistics.Stopped == 3, "It still runs.");
    }

    [UnixFact]
    public void Closing_the_session_ends_native_programs()
    {
        string sleep = Processes.LongSleep();
        _session.StartDispatcher("-MaxWorkers 2 -StopGrace 0.2");
        dynamic dispatcher = _session.One("$d");
        dynamic tasks = _session.One("""
            $n = $args[0]
            , @(
                Send-DispatchTask -FilePath sh -ArgumentList '-c', "sleep $n & echo up; wait" -Timeout 0
                Send-DispatchTask { & sh -c "sleep $using:n & echo up; wait" } -Timeout 0
            )
            """, sleep);
        foreach (dynamic task in tasks)
        {
            Session.Eventually(() => task.Output.Length == 1, "It has not started.");
        }

        _session.Runspace.Close();
        Session.Eventually(() => dispatcher.Status.ToString() == "Stopped", "It still runs.");
        Processes.AssertNone(sleep);
    }

    [Fact]
    public void Closing_the_session_wakes_other_sessions_that_wait_for_its_tasks()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0.1");
        object? task = _session.One("Send-DispatchTask { ($using:gate).Pass() } -Timeout 0");
        gate.WaitForArrivals();
        using var other = new Session();
        other["t"] = task;
        Invocation waiting = other.Start("($t | Wait-DispatchTask).State");
        _session.Runspace.Close();
        Assert.Equal(["Stopped"], waiting.Finish().Text);
    }
}
