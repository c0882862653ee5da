using System;
using System.Linq;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What -WhatIf and -Confirm say, by way of -Verbose, which says the same and needs no host.</summary>
public sealed class ConfirmTests : IDisposable
{
    private readonly Session _session = new();
    private readonly Gate _gate;

    public ConfirmTests()
    {
        _gate = _session.StartDispatcher("-MaxWorkers 1 -StopGrace 0").AddGate();
        _session.Run("$t = 1..3 | Send-DispatchTask { ($using:gate).Pass() } -Name work");
        _gate.WaitForArrivals();
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Stop-Dispatcher d -Timeout 0", "Stop dispatcher 'd' after its 1 running task; 2 queued tasks stay queued.")]
    [InlineData("Stop-Dispatcher d -Force", "Stop dispatcher 'd' and its 1 running task; 2 queued tasks stay queued.")]
    [InlineData("Stop-Dispatcher d -Drain -Timeout 0", "Stop dispatcher 'd' when all its tasks have ended: 1 running task and 2 queued tasks.")]
    [InlineData("Remove-Dispatcher d -Force", "Remove dispatcher 'd'; its 1 running task and 2 queued tasks end as Stopped.")]
    [InlineData("Set-Dispatcher d -MaxWorkers 4 -TaskTimeout 0", "Change dispatcher 'd': MaxWorkers from 1 to 4, TaskTimeout from 50.0 s to none.")]
    public void It_says_what_would_happen(string command, string expected) =>
        Assert.Equal(expected, _session.Invoke(command + " -Verbose -ErrorAction SilentlyContinue").Streams.Verbose.Single().Message.Replace("50,0", "50.0", StringComparison.Ordinal));

    [Fact]
    public void A_task_is_named_with_what_it_does()
    {
        // The running one last: its worker would take the next.
        string[] messages = [.. _session.Invoke("$t[1], $t[2], $t[0] | Stop-DispatchTask -Verbose").Streams.Verbose.Select(record => record.Message)];
        Assert.Equal(3, messages.Length);
        Assert.Matches(@"^Stop task \d+ 'work', which is Pending\.$", messages[0]);
        Assert.Matches(@"^Stop task \d+ 'work', which has run for .+\.$", messages[2]);
    }

    [Fact]
    public void Nothing_is_asked_for_a_task_that_has_ended()
    {
        _session.Run("$t | Stop-DispatchTask");
        Assert.Empty(_session.Invoke("$t | Stop-DispatchTask -Verbose").Streams.Verbose);
    }

    [Fact]
    public void Removal_that_would_be_refused_is_refused_with_WhatIf_too() =>
        Assert.StartsWith("DispatcherNotStopped", _session.Fail("Remove-Dispatcher d -WhatIf").FullyQualifiedErrorId, StringComparison.Ordinal);
}
