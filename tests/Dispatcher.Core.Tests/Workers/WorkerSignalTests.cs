using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Workers;

public sealed class WorkerSignalTests
{
    [Fact]
    public void A_wake_before_the_wait_counts_once()
    {
        var signal = new WorkerSignal();
        signal.Wake();
        signal.Wake();
        Bounded.Do(signal.Wait, "a wait that was woken before");
        var second = new Thread(signal.Wait) { IsBackground = true };
        second.Start();
        Bounded.Until(() => second.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "the second wait to block");
        signal.Wake();
        Bounded.Join(second, "the second wait");
    }

    [Fact]
    public void An_interrupt_does_not_end_the_wait()
    {
        var signal = new WorkerSignal();
        var waiting = new Thread(signal.Wait) { IsBackground = true };
        waiting.Start();
        Bounded.Until(() => waiting.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "the wait to block");
        waiting.Interrupt();
        Bounded.Until(() => waiting.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "the wait to block again");
        Assert.True(waiting.IsAlive);
        signal.Wake();
        Bounded.Join(waiting, "the wait");
    }
}
