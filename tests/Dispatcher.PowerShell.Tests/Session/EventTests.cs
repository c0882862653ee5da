using System;
using System.Collections.Concurrent;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class EventTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_script_block_can_be_a_handler()
    {
        var told = new ConcurrentQueue<string>();
        _session["told"] = told;
        _session.StartDispatcher();
        _session.Run(
            """
            $handler = [EventHandler[Dispatching.TaskFinishedEventArgs]] { param($s, $e) $told.Enqueue($s.Name + ' ' + $e.Task.Name + ' ' + $e.Task.State) }
            $d.add_TaskFinished($handler)
            $null = Send-DispatchTask { 1 } -Name first | Wait-DispatchTask
            """);

        // The block runs in the session it comes from, whenever that has a moment.
        Session.Eventually(() => !told.IsEmpty, "the handler to be called");
        Assert.Equal(["d first Completed"], told);

        _session.Run("$d.remove_TaskFinished($handler); $null = Send-DispatchTask { 1 } -Name second | Wait-DispatchTask; Stop-Dispatcher -Drain; Remove-Dispatcher d");
        Assert.Single(told);
    }

    [Fact]
    public void A_script_block_that_throws_or_is_never_run_harms_nothing()
    {
        _session.StartDispatcher("-LogPath '" + System.IO.Path.GetTempFileName() + "'");
        _session.Run(
            """
            $d.add_TaskFinished({ throw 'bad handler' })
            $d.add_StatusChanged({ throw 'bad handler' })
            $null = 1..20 | Send-DispatchTask { $_ } | Wait-DispatchTask
            $r = 1..20 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait
            Stop-Dispatcher -Drain
            $path = $d.LogPath
            Remove-Dispatcher d
            """);
        Assert.Equal(["20", "40", "True"], _session.Text("$r.Count; [IO.File]::ReadAllLines($path).Count; [IO.File]::Delete($path); [object]::Equals($d.Status.ToString(), 'Stopped')"));
    }
}
