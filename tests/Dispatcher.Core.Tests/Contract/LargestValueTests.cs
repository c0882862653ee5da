using System;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

/// <summary>The largest values as "unlimited": sums with them must not overflow.</summary>
public sealed class LargestValueTests
{
    [Fact]
    public void The_largest_of_everything_works()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 0,
            MaxWorkers = int.MaxValue,
            QueueSize = int.MaxValue,
            MaxTasksPerWorker = int.MaxValue,
            HistorySize = int.MaxValue,
            TaskTimeout = TimeSpan.MaxValue,
            StopGrace = TimeSpan.MaxValue,
            ScaleDownInterval = TimeSpan.MaxValue,
        });
        dispatcher.Run();
        DispatchTask[] tasks = [.. Enumerable.Range(0, 20).Select(_ => Body.Task(_ =>
        {
            DispatchTask inner = Body.Nothing();
            Dispatcher.Current!.Send(inner);
            Bounded.End(inner);
        }))];

        Array.ForEach(tasks, task => dispatcher.Send(task));

        Bounded.End(tasks);
        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
        Bounded.Do(() => Assert.True(dispatcher.Quit(drain: true, TimeSpan.MaxValue)), "the drain");
    }

    [Fact]
    public void It_works_where_it_is_set_while_tasks_run()
    {
        using var dispatcher = new Dispatcher(10, 1, 1);
        dispatcher.Run();
        using Blocker first = Blocker.On(dispatcher);

        dispatcher.SetWorkers(0, int.MaxValue);
        dispatcher.QueueSize = int.MaxValue;

        using Blocker second = Blocker.On(dispatcher);
        DispatchTask task = Body.Nothing();
        dispatcher.Dispatch(task);
        Bounded.End(task);
    }

    [Fact]
    public void A_queue_without_bound_takes_tasks_while_workers_are_idle()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 2, MaxWorkers = 2, QueueSize = int.MaxValue, QueueFullMode = QueueFullMode.Reject });
        dispatcher.Run();
        Bounded.Until(() => dispatcher.IdleWorkerCount == 2, "the workers to be idle");

        Assert.True(dispatcher.Dispatch(Body.Nothing()));
    }

    [Fact]
    public void The_most_retries_and_the_longest_delay()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Clock = clock });
        dispatcher.Run();
        DispatchTask task = Body.Task(_ => throw new InvalidOperationException("no"), new TaskOptions { Retries = int.MaxValue, RetryDelay = TimeSpan.MaxValue, Timeout = TimeSpan.MaxValue });

        dispatcher.Dispatch(task);

        Bounded.Until(() => task.GetRecords().Length == 1, "the first attempt to end");
        var notice = Assert.IsType<RetryNotice>(task.GetRecords()[0].Value);
        Assert.Equal(int.MaxValue, notice.MaxAttempts);
        Assert.Equal(TaskState.Pending, task.State);
        clock.AdvanceSeconds(1_000_000_000);
        Assert.Equal(1, task.Attempt);
        Assert.True(task.Wait(TimeSpan.Zero) == false && task.Stop() && task.Wait(TimeSpan.MaxValue));
    }
}
