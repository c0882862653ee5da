using System;
using System.Linq;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Output that nobody receives is told of before it is lost, or fills the memory.</summary>
public sealed class UnreceivedTests : IDisposable
{
    private const string SendAndForget = "1..30 | Send-DispatchTask { $_ } | & { process { } }; ";

    private readonly Session _session = new();

    public UnreceivedTests() => _session.StartDispatcher("-MaxWorkers 1 -HistorySize 10");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Wait-DispatchTask", 20)]
    [InlineData("Wait-DispatchTask -Dispatcher d", 20)]
    [InlineData("Wait-DispatchTask -Name *", 20)]
    [InlineData("Stop-Dispatcher d -Drain", 20)]
    [InlineData("Wait-DispatchTask | Receive-DispatchTask", 20)]
    public void What_is_dropped_is_told_once(string command, int lost)
    {
        // Waits for the end of all by a task of its own, whose handle stays.
        Invocation invocation = _session.Invoke(SendAndForget + "$last = Send-DispatchTask { }; $null = Wait-DispatchTask $last; " + command + "; Wait-DispatchTask; Receive-DispatchTask");
        string warning = Assert.Single(invocation.Streams.Warning).Message;
        Assert.StartsWith("The output of " + (lost + 1) + " ended tasks was not received, and dispatcher 'd' no longer remembers them: its HistorySize is 10.", warning, StringComparison.Ordinal);
        Assert.Contains("-HistorySize", warning.Split("its HistorySize is")[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Receive-DispatchTask -Wait")]
    [InlineData("Get-DispatchTask | Receive-DispatchTask")]
    public void What_is_dropped_is_told_by_who_receives_the_rest(string command)
    {
        _session.Run(SendAndForget + "$last = Send-DispatchTask { }; $null = Wait-DispatchTask $last");
        Invocation invocation = _session.Invoke(command);
        Assert.Equal(9, invocation.Output.Count);
        Assert.StartsWith("The output of 21 ended tasks", Assert.Single(invocation.Streams.Warning).Message, StringComparison.Ordinal);
        Assert.Empty(_session.Invoke("Receive-DispatchTask -Wait").Streams.Warning);
    }

    [Fact]
    public void What_is_dropped_later_is_told_again()
    {
        const string Again = SendAndForget + "$last = Send-DispatchTask { 1 }; $null = Wait-DispatchTask $last; $null = Wait-DispatchTask";
        Assert.StartsWith("The output of 21 ended tasks", Assert.Single(_session.Invoke(Again).Streams.Warning).Message, StringComparison.Ordinal);
        Assert.StartsWith("The output of 31 ended tasks", Assert.Single(_session.Invoke(Again).Streams.Warning).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$t | Receive-DispatchTask -Wait")]
    [InlineData("$t | Wait-DispatchTask | Receive-DispatchTask")]
    [InlineData("$null = $t | Wait-DispatchTask; $t.Output")]
    [InlineData("$t | Receive-DispatchTask -Wait -Keep")]
    public void What_its_owner_has_received_is_not_lost(string receive)
    {
        Invocation invocation = _session.Invoke("$t = 1..30 | Send-DispatchTask { $_ }; " + receive + "; $null = Wait-DispatchTask; Stop-Dispatcher d -Drain");
        Assert.Equal(Enumerable.Range(1, 30), invocation.Output.Cast<int>().Order());
        Assert.Empty(invocation.Streams.Warning);
    }

    [Theory]
    [InlineData("1..30 | Send-DispatchTask { } | & { process { } }")]
    [InlineData("1..30 | Send-DispatchTask { Write-Progress -Activity a -Status b } | & { process { } }")]
    [InlineData("1..30 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait | & { process { } }")]
    [InlineData("1..30 | Invoke-DispatchTask { $_ } -Dispatcher d | & { process { } }")]
    [InlineData("$null = 1..30 | Send-DispatchTask { $_ } -AsJob | Receive-Job -Wait")]
    public void Where_nothing_is_lost_nothing_is_said(string script)
    {
        Assert.Empty(_session.Invoke(script + "; $null = Wait-DispatchTask; Stop-Dispatcher d -Drain").Streams.Warning);
    }

    [Fact]
    public void Without_a_history_nothing_is_kept_and_that_is_said()
    {
        Invocation invocation = _session.Invoke("$null = New-Dispatcher n -HistorySize 0; Start-Dispatcher n; $null = 1..3 | Send-DispatchTask { $_ } -Dispatcher n; Stop-Dispatcher n -Drain");
        Assert.StartsWith("The output of 3 ended tasks", Assert.Single(invocation.Streams.Warning).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$ProgressPreference = 'SilentlyContinue'; ")]
    [InlineData("")]
    public void A_wait_tells_of_a_task_that_writes_without_end(string preference)
    {
        Gate gate = _session.AddGate();
        Invocation waiting = _session.Start(preference
            + "$t = Send-DispatchTask { [Linq.Enumerable]::Range(0, 1000001); ($using:gate).Pass() } -Name endless -Timeout 0; Wait-DispatchTask $t; $t.Warning.Message");
        Session.Eventually(() => waiting.Streams.Warning.Count == 1, "Nobody has told of the output.");
        Assert.False(waiting.IsCompleted);
        string warning = waiting.Streams.Warning[0].Message;
        Assert.Contains("'endless' has written more than 1,000,000 objects", warning, StringComparison.Ordinal);
        gate.Open();

        Assert.Equal(warning, waiting.Finish().Output[^1]);
        Assert.Single(waiting.Streams.Warning);
        Assert.Equal(["1000001"], _session.Text("@($t | Receive-DispatchTask -WarningAction Ignore).Count"));
    }
}
