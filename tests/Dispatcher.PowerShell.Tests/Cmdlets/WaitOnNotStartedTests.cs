using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Whoever waits for tasks that cannot start is told what they wait for.</summary>
public sealed class WaitOnNotStartedTests : IDisposable
{
    private readonly Session _session = new();
    private readonly dynamic _dispatcher;

    public WaitOnNotStartedTests() => _dispatcher = _session.One("New-Dispatcher d -MaxWorkers 1 -TaskTimeout 0");

    public static TheoryData<string, string> Waits
    {
        get
        {
            var waits = new TheoryData<string, string>();
            foreach (string preference in new[] { string.Empty, "$ProgressPreference = 'SilentlyContinue'; " })
            {
                foreach (string wait in new[] { "$t | Wait-DispatchTask", "Wait-DispatchTask", "$t | Receive-DispatchTask -Wait", "Receive-DispatchTask -Wait -Ordered", "$t | Wait-DispatchTask -Timeout 600", "$t | Receive-DispatchTask -Wait -Timeout 600" })
                {
                    waits.Add(preference, wait);
                }
            }

            return waits;
        }
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Waits))]
    public void A_dispatcher_that_is_not_started_is_named_once(string preference, string wait)
    {
        Invocation waiting = _session.Start(preference + "$t = 1..3 | Send-DispatchTask { $_ }; " + wait);
        Session.Eventually(() => waiting.Streams.Warning.Count > 0, "Nobody has said what it waits for.");
        Assert.False(waiting.IsCompleted);
        Assert.Equal("3 tasks wait for dispatcher 'd', which is Stopped. They start when the dispatcher runs: start it with Start-Dispatcher.", waiting.Streams.Warning[0].Message);
        _dispatcher.Run();
        Assert.Equal(3, waiting.Finish().Output.Count);
        Assert.Single(waiting.Streams.Warning);
    }

    [Theory]
    [MemberData(nameof(Waits))]
    public void One_that_is_stopped_meanwhile_too(string preference, string wait)
    {
        Gate gate = _session.AddGate();
        _dispatcher.Run();
        Invocation waiting = _session.Start(preference + "$t = 1..3 | Send-DispatchTask { if ($_ -eq 1) { ($using:gate).Pass() }; $_ }; " + wait);
        gate.WaitForArrivals();
        Session.Eventually(() => _dispatcher.Statistics.Sent == 3, "The tasks were not sent.");
        Assert.Empty(waiting.Streams.Warning);
        _dispatcher.Quit(false, TimeSpan.Zero);
        Session.Eventually(() => waiting.Streams.Warning.Count > 0, "Nobody has said what it waits for.");
        Assert.StartsWith("2 tasks wait for dispatcher 'd', which is Stopp", waiting.Streams.Warning[0].Message, StringComparison.Ordinal);
        gate.Open();
        Assert.True((bool)_dispatcher.Quit(false, Limits.Hang));
        _dispatcher.Run();
        Assert.Equal(3, waiting.Finish().Output.Count);
        Assert.Single(waiting.Streams.Warning);
    }

    [Fact]
    public void Invoke_says_so_of_a_dispatcher_that_is_stopped_meanwhile()
    {
        Gate gate = _session.AddGate();
        _dispatcher.Run();
        Invocation waiting = _session.Start("1..2 | Invoke-DispatchTask { if ($_ -eq 1) { ($using:gate).Pass() }; $_ } -Dispatcher d");
        gate.WaitForArrivals();
        Session.Eventually(() => _dispatcher.Statistics.Sent == 2, "The tasks were not sent.");
        _dispatcher.Quit(false, TimeSpan.Zero);
        Session.Eventually(() => waiting.Streams.Warning.Count > 0, "Nobody has said what it waits for.");
        gate.Open();
        Assert.True((bool)_dispatcher.Quit(false, Limits.Hang));
        _dispatcher.Run();
        Assert.Equal(2, waiting.Finish().Output.Count);
        Assert.Single(waiting.Streams.Warning);
    }

    [Fact]
    public void A_wait_that_can_end_says_nothing()
    {
        Gate gate = _session.AddGate();
        _dispatcher.Run();
        _session.Run("$null = New-Dispatcher other; $held = Send-DispatchTask { } -Dispatcher other; $t = Send-DispatchTask { ($using:gate).Pass() } -Dispatcher d");
        Invocation waiting = _session.Start("$held, $t | Wait-DispatchTask -Any; $held | Wait-DispatchTask -Timeout 0");
        gate.WaitForArrivals();
        gate.Open();
        Assert.Single(waiting.Finish().Output);
        Assert.Empty(waiting.Streams.Warning);
    }

    [Fact]
    public void A_drain_is_no_reason_to_say_something()
    {
        Gate gate = _session.AddGate();
        _dispatcher.Run();
        Invocation waiting = _session.Start("1..2 | Send-DispatchTask { ($using:gate).Pass(); $_ } | Receive-DispatchTask -Wait");
        gate.WaitForArrivals();
        _dispatcher.Quit(true, TimeSpan.Zero);
        gate.Open();
        Assert.Equal([1, 2], waiting.Finish().Output);
        Assert.Empty(waiting.Streams.Warning);
    }
}
