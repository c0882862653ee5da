using System;
using System.Management.Automation.Runspaces;
using System.Threading;
using System.Threading.Tasks;
using Xunit;
using Engine = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell.Tests;

/// <summary>What the far end of a session is asked before the agent starts there.</summary>
public sealed class SessionAssembliesTests : IDisposable
{
    private readonly Runspace _runspace = RunspaceFactory.CreateRunspace();
    private readonly ManualResetEvent _lost = new(initialState: false);

    public SessionAssembliesTests() => _runspace.Open();

    public void Dispose()
    {
        _runspace.Dispose();
        _lost.Dispose();
    }

    [Fact]
    public async Task A_session_that_is_lost_is_not_waited_for()
    {
        // The query stands at a breakpoint, as one does whose answer never comes.
        using var gate = new Gate();
        using (var engine = Engine.Create(_runspace))
        {
            engine.AddScript("$global:gate = $args[0]; $null = Set-PSBreakpoint -Variable root -Mode Write -Action { $gate.Pass() }").AddArgument(gate).Invoke();
        }

        Task<object[]> asking = Ask();
        gate.WaitForArrivals();
        Assert.False(asking.IsCompleted);
        _lost.Set();
        Assert.IsType<byte[]>((await asking.WaitAsync(Limits.Hang))[0]);
        Assert.False(gate.IsOpen);
    }

    private Task<object[]> Ask() => Task.Run(() => SessionAssemblies.For(new OpenedSession(_runspace, endpoint: null), _lost, Timeout.InfiniteTimeSpan));
}
