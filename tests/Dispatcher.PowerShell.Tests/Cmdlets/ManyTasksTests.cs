using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class ManyTasksTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Ten_thousand_tasks_all_come_back()
    {
        _session.StartDispatcher("-MaxWorkers 4");
        Assert.Equal(
            ["10000", "50005000", "10000"],
            _session.Text("""
                $count = 0; $sum = 0
                1..10000 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait | & { process { $script:count++; $script:sum += $_ } }
                $count; $sum; $d.Statistics.Completed
                """));
    }

    [Fact]
    public void Twenty_thousand_sends_of_one_block_are_as_good_as_one()
    {
        _session.StartDispatcher("-MaxWorkers 4 -QueueSize 100");
        Assert.Equal(
            ["20000", "0"],
            _session.Text("""
                $b = { param($p) $p }
                for ($i = 0; $i -lt 20000; $i++) { $null = Send-DispatchTask $b -ArgumentList $i }
                Stop-Dispatcher -Drain
                $d.Statistics.Completed; $d.Statistics.Failed
                """));
    }

    [Fact]
    public void Everything_that_can_happen_to_tasks_leaves_the_counts_exact()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 2 -StopGrace 0.2");
        Assert.Equal(
            ["4000", "3916", "80", "4", "0", "Stopped", "0"],
            _session.Text("""
                $n = 0
                1..4000 | Send-DispatchTask {
                    if ($_ % 100 -eq 1) { throw "no $_" }
                    if ($_ % 100 -eq 2) { exit 3 }
                    if ($_ % 1000 -eq 3) { [Threading.Thread]::Sleep(100000) }
                    $_
                } -Timeout 1 | & { process {
                    $script:n++
                    if ($script:n -eq 1000) { Set-Dispatcher d -MaxWorkers 8 }
                    if ($script:n -eq 3000) { Set-Dispatcher d -MaxWorkers 2 }
                } }
                Stop-Dispatcher -Drain
                $s = $d.Statistics
                $s.Sent; $s.Completed; $s.Failed; $s.TimedOut; $s.Stopped; $d.Status; $d.WorkerCount
                """));
    }

    [Fact]
    public void Different_blocks_in_great_number_do_not_mix()
    {
        _session.StartDispatcher("-MaxWorkers 2");
        Assert.Equal(
            ["2000", "0"],
            _session.Text("""
                $t = foreach ($i in 1..2000) { Send-DispatchTask ([scriptblock]::Create("$i")) -InputObject $i }
                $wrong = 0
                foreach ($one in $t | Wait-DispatchTask) { if ($one.Output[0] -ne $one.InputObject) { $wrong++ } }
                $t.Count; $wrong
                """));
    }
}
