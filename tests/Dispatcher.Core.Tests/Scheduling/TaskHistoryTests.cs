using System;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

public sealed class TaskHistoryTests
{
    [Fact]
    public void GetTasks_gives_all_that_have_not_ended_by_id()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            QueueSize = 2,
            MinWorkers = 1,
            MaxWorkers = 1,
            QueueFullMode = QueueFullMode.Overflow,
            Clock = clock,
        });
        DispatchTask overflowed = Body.Nothing();
        DispatchTask retrying = Body.Task(_ => throw new InvalidOperationException("again"), new TaskOptions { Retries = 1, RetryDelay = TimeSpan.FromSeconds(1) });
        using var running = new Blocker();
        DispatchTask[] queued = [Body.Nothing(), Body.Nothing()];
        dispatcher.Run();
        dispatcher.Dispatch(retrying);
        dispatcher.Dispatch(running.Task);
        running.WaitUntilStarted();
        Array.ForEach(queued, task => dispatcher.Dispatch(task));
        dispatcher.Dispatch(overflowed);

        Assert.Equal([overflowed, retrying, running.Task, .. queued], dispatcher.GetTasks());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void GetTasks_remembers_the_last_ended_ones(int historySize)
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, HistorySize = historySize });
        DispatchTask[] tasks = [.. Enumerable.Range(0, 20).Select(_ => Body.Nothing())];
        Array.ForEach(tasks, task => dispatcher.Dispatch(task));

        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);

        Assert.Equal(tasks.TakeLast(historySize), dispatcher.GetTasks());
    }

    [Fact]
    public void A_task_that_is_not_remembered_still_tells_how_it_ended()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { HistorySize = 0 });
        DispatchTask task = Body.Task(context => context.Write(RecordKind.Output, 42));
        dispatcher.Dispatch(task);

        dispatcher.Run();

        Assert.Equal(TaskState.Completed, Bounded.End(task));
        Assert.Equal(42, task.GetRecords().Single().Value);
    }
}
