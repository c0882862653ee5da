using System;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Observers;

[Collection(AloneCollection.Name)]
public sealed class EventCostTests
{
    private const int Count = 20_000;

    [Fact]
    public void A_task_that_nobody_listens_to_allocates_nothing_for_it()
    {
        using Dispatcher never = Create();
        using Dispatcher noLonger = Create();
        noLonger.TaskFinished += Ignore;
        noLonger.TaskFinished -= Ignore;
        using Dispatcher others = Create();
        others.StatusChanged += (_, _) => { };
        using Dispatcher heard = Create();
        heard.TaskFinished += Ignore;
        long least = Least(never);

        // A byte for each task would be the least to show, were there anything.
        Assert.InRange(Least(noLonger), 0, least + Count);
        Assert.InRange(Least(others), 0, least + Count);
        Assert.True(Least(heard) > least + (20 * Count), "The measure would not show anything.");
    }

    private static void Ignore(object? sender, TaskFinishedEventArgs e)
    {
        // Being there is enough.
    }

    private static Dispatcher Create() => new(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, QueueSize = Count, HistorySize = 0 });

    // What threads of other tests leave running may allocate meanwhile; it is not there every time.
    private static long Least(Dispatcher dispatcher) => Enumerable.Range(0, 8).Min(_ => Measure(dispatcher));

    private static long Measure(Dispatcher dispatcher)
    {
        DispatchTask[] tasks = [.. Enumerable.Range(0, Count).Select(_ => Body.Nothing())];
        Array.ForEach(tasks, task => dispatcher.Dispatch(task));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
