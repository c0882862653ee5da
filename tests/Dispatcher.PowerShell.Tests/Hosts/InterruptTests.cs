using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Ctrl+C in everything that waits, while a task is stuck.</summary>
public sealed class InterruptTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("$t | Wait-DispatchTask")]
    [InlineData("Wait-DispatchTask -Timeout 1000")]
    [InlineData("$t | Wait-DispatchTask -Any")]
    [InlineData("$t | Receive-DispatchTask -Wait")]
    [InlineData("$t | Receive-DispatchTask -Wait -Ordered -Timeout 1000")]
    [InlineData("$t | Stop-DispatchTask")]
    [InlineData("Stop-Dispatcher")]
    [InlineData("Stop-Dispatcher -Drain")]
    [InlineData("Stop-Dispatcher -Drain -Timeout 1000")]
    [InlineData("Stop-Dispatcher -Force")]
    [InlineData("Stop-Dispatcher -Timeout 0")]
    [InlineData("Remove-Dispatcher -Force")]
    [InlineData("1..5 | Send-DispatchTask { }")]
    [InlineData("Send-DispatchTask { } | Receive-DispatchTask -Wait")]
    public void It_gives_the_prompt_back(string command)
    {
        Gate gate = _session.AddGate();
        Gate here = _session.AddGate("here");
        _session.StartDispatcher("-MaxWorkers 1 -QueueSize 1 -StopGrace 1000");
        dynamic task = _session.One("$t = Send-DispatchTask { ($using:gate).Pass(); 'done' } -Timeout 0; $t");
        gate.WaitForArrivals();
        Invocation waiting = _session.Start("$here.Arrive(); " + command);
        here.WaitForArrivals();
        waiting.Stop();
        Assert.True(waiting.WasStopped, "It was not stopped: " + string.Join(" | ", waiting.Errors));
        Assert.False(task.IsEnded);
        Assert.Equal(["5"], _session.Text("2 + 3"));
        gate.Open();
        Assert.True(task.Wait(Limits.Hang), "The task has not ended.");
    }

    [Fact]
    public void A_dispatcher_whose_stop_was_interrupted_stops_all_the_same_and_can_run_again()
    {
        Gate gate = _session.AddGate();
        dynamic dispatcher = _session.StartDispatcher("-MaxWorkers 1").One("$d");
        _session.Run("$t = 1..2 | Send-DispatchTask { ($using:gate).Pass(); $_ } -Timeout 0");
        gate.WaitForArrivals();
        Invocation waiting = _session.Start("Stop-Dispatcher -Drain");
        Session.Eventually(() => dispatcher.Status.ToString() == "Draining", "The drain has not begun.");
        waiting.Stop();
        Assert.Equal("Draining", dispatcher.Status.ToString());
        gate.Open();
        Assert.Equal(["1", "2"], _session.Text("$t | Receive-DispatchTask -Wait -Ordered"));
        Session.Eventually(() => dispatcher.Status.ToString() == "Stopped", "The drain has not ended.");
        Assert.Equal(["3"], _session.Text("Start-Dispatcher d; Send-DispatchTask { 3 } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void Receiving_can_go_on_after_it_was_interrupted_and_nothing_is_lost()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1");
        Invocation waiting = _session.Start("$t = Send-DispatchTask { 1; ($using:gate).Pass(); 2 } -Timeout 0; $t | Receive-DispatchTask -Wait");
        gate.WaitForArrivals();
        Session.Eventually(() => waiting.Output.Count == 1, "The first has not come.");
        waiting.Stop();
        gate.Open();
        Assert.Equal(["2"], _session.Text("$t | Receive-DispatchTask -Wait"));
    }
}
