using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

/// <summary>The known faults of the package that the contract comes from (DESIGN.md, section 1).</summary>
public sealed class KnownFaultTests
{
    [Fact]
    public void Scaling_goes_on_after_a_refused_resize()
    {
        using var dispatcher = new Dispatcher(100, 1, 2);
        dispatcher.Run();
        using Blocker first = Blocker.On(dispatcher);
        using Blocker second = Blocker.On(dispatcher);
        using var refused = new Blocker();
        dispatcher.Dispatch(refused.Task);
        Assert.Equal(2, dispatcher.WorkerCount);
        Assert.Equal(TaskState.Pending, refused.Task.State);

        dispatcher.SetWorkers(1, 8);

        refused.WaitUntilStarted();
        using Blocker fourth = Blocker.On(dispatcher);
        using Blocker fifth = Blocker.On(dispatcher);
        Assert.Equal(8, dispatcher.WorkerCount);
    }

    [Fact]
    public void Scaling_goes_on_after_misses_at_the_maximum()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 2, Clock = clock });
        dispatcher.Run();
        for (int round = 0; round < 3; round++)
        {
            using Blocker first = Blocker.On(dispatcher);
            using Blocker second = Blocker.On(dispatcher);
            DispatchTask refused = Body.Nothing();
            dispatcher.Dispatch(refused);
            first.Release();
            second.Release();
            Bounded.End(refused);
            Bounded.Until(() => dispatcher.IdleWorkerCount == 2, "both workers to be idle");
            clock.Advance(dispatcher.ScaleDownInterval);
            Assert.Equal(1, dispatcher.WorkerCount);
        }
    }

    [Fact]
    public void Min_0_runs_tasks()
    {
        using var dispatcher = new Dispatcher(10, 0, 3);
        dispatcher.Run();
        Assert.Equal(0, dispatcher.WorkerCount);

        DispatchTask task = Body.Nothing();
        dispatcher.Dispatch(task);

        Assert.Equal(TaskState.Completed, Bounded.End(task));
    }

    [Fact]
    public void Min_0_runs_what_was_sent_before_Run()
    {
        using var dispatcher = new Dispatcher(10, 0, 3);
        DispatchTask task = Body.Nothing();
        dispatcher.Dispatch(task);

        dispatcher.Run();

        Assert.Equal(TaskState.Completed, Bounded.End(task));
    }

    [Fact]
    public void A_resize_neither_disturbs_running_tasks_nor_waits_for_them()
    {
        using var dispatcher = new Dispatcher(100, 4, 4);
        dispatcher.Run();
        List<Blocker> blockers = [.. Enumerable.Range(0, 4).Select(_ => Blocker.On(dispatcher))];
        int?[] workers = [.. blockers.Select(blocker => blocker.Task.Worker)];

        Bounded.Do(() => dispatcher.SetWorkers(1, 1), "a shrink while all workers are at work");
        Assert.Equal(4, dispatcher.WorkerCount);
        Bounded.Do(() => dispatcher.SetWorkers(6, 8), "a growth while all workers are at work");
        DispatchTask other = Body.Nothing();
        dispatcher.Dispatch(other);
        Assert.Equal(TaskState.Completed, Bounded.End(other));
        Bounded.Do(() => dispatcher.SetWorkers(1, 1), "another shrink");

        Assert.All(blockers, blocker => Assert.False(blocker.Context!.IsStopRequested));
        Assert.All(blockers, blocker => Assert.Equal(TaskState.Running, blocker.Task.State));
        Assert.Equal(workers, blockers.Select(blocker => blocker.Task.Worker));
        blockers.ForEach(blocker => blocker.Release());
        Assert.All(blockers, blocker => Assert.Equal(TaskState.Completed, Bounded.End(blocker.Task)));
        Bounded.Until(() => dispatcher.WorkerCount == 1, "the surplus workers to go");
    }

    [Fact]
    public void A_drain_never_returns_with_work_undone()
    {
        const int Senders = 3;
        const int TasksEach = 60;
        for (int round = 0; round < 200; round++)
        {
            using var dispatcher = new Dispatcher(8, round % 3, 2);
            dispatcher.Run();
            DispatchTask[][] sent = [.. Enumerable.Range(0, Senders).Select(_ => new DispatchTask[TasksEach])];
            int[] counts = new int[Senders];
            var children = new ConcurrentQueue<DispatchTask>();
            bool drained = false;
            Bounded.OnThreads(Senders + 1, index =>
            {
                if (index == Senders)
                {
                    Bounded.Until(() => Volatile.Read(ref counts[0]) > 5, "the flood to begin");
                    int[] before = [.. Enumerable.Range(0, Senders).Select(i => Volatile.Read(ref counts[i]))];
                    Bounded.Quit(dispatcher, drain: true);
                    DispatchTask[] unfinished = [.. children.Where(child => !child.IsEnded)];
                    for (int sender = 0; sender < Senders; sender++)
                    {
                        Assert.All(sent[sender].Take(before[sender]), task => Assert.True(task.IsEnded));
                    }

                    // Children are sent by running tasks, and a drain waits for those.
                    Assert.Empty(unfinished);
                    Volatile.Write(ref drained, true);
                    return;
                }

                for (int i = 0; i < TasksEach && !Volatile.Read(ref drained); i++)
                {
                    sent[index][i] = Body.Task(context =>
                    {
                        DispatchTask child = Body.Nothing();
                        context.Task.Dispatcher!.Dispatch(child);
                        children.Enqueue(child);
                    });
                    dispatcher.Dispatch(sent[index][i]);
                    Volatile.Write(ref counts[index], i + 1);
                }
            });

            // What came after the drain is queued, not lost.
            dispatcher.Run();
            Bounded.Quit(dispatcher, drain: true);
            DispatcherStatistics statistics = dispatcher.Statistics;
            Assert.Equal(2 * sent.Sum(tasks => tasks.Count(task => task is not null)), statistics.Completed);
            Assert.Equal(statistics.Sent, statistics.Completed);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 8)]
    public void Fifty_floods_of_500_instant_tasks_all_end(int minWorkers, int maxWorkers)
    {
        using var dispatcher = new Dispatcher(50, minWorkers, maxWorkers);
        dispatcher.Run();
        for (int flood = 0; flood < 50; flood++)
        {
            DispatchTask[] tasks = [.. Enumerable.Range(0, 500).Select(_ => Body.Nothing())];
            Array.ForEach(tasks, task => dispatcher.Dispatch(task));
            Bounded.End(tasks);
        }

        Assert.Equal(50 * 500, dispatcher.Statistics.Completed);
    }

    [Fact]
    public void Nothing_is_dropped_at_exit()
    {
        using var dispatcher = new Dispatcher(10, 1, 4);
        DispatchTask[] tasks = [.. Enumerable.Range(0, 2000).Select(_ => Body.Nothing())];
        int next = 0;
        while (next < tasks.Length)
        {
            dispatcher.Run();
            for (int i = 0; i < 100; i++)
            {
                dispatcher.Dispatch(tasks[next++]);
            }

            Bounded.Quit(dispatcher, drain: false);
            DispatcherStatistics statistics = dispatcher.Statistics;
            Assert.Equal(next, statistics.Sent);
            Assert.Equal(0, statistics.Running);
            Assert.Equal(next, statistics.Completed + statistics.Pending);
        }

        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quit_inside_a_task_starts_the_stop_and_returns(bool drain)
    {
        using var dispatcher = new Dispatcher(10, 1, 1);
        var statusInside = (DispatcherStatus)(-1);
        DispatchTask quitter = Body.Task(_ =>
        {
            dispatcher.Quit(drain);
            statusInside = dispatcher.Status;
        });
        DispatchTask other = Body.Nothing();
        dispatcher.Dispatch(quitter);
        dispatcher.Dispatch(other);

        dispatcher.Run();

        Assert.Equal(TaskState.Completed, Bounded.End(quitter));
        Bounded.Until(() => dispatcher.Status == DispatcherStatus.Stopped, "the stop that the task asked for");
        Assert.Equal(drain ? DispatcherStatus.Draining : DispatcherStatus.Stopping, statusInside);
        Assert.Equal(drain ? TaskState.Completed : TaskState.Pending, other.State);
    }

    [Fact]
    public void A_task_that_throws_ends_nothing_but_itself()
    {
        using var dispatcher = new Dispatcher(1000, 1, 1);
        Exception[] errors =
        [
            new InvalidOperationException("no"),
            new OperationCanceledException(),
            new ThreadInterruptedException(),
            new TimeoutException(),
            new AggregateException(),
        ];
        DispatchTask[] failing = [.. Enumerable.Range(0, 100).Select(i => Body.Task(_ => throw errors[i % errors.Length]))];
        DispatchTask last = Body.Nothing();
        foreach (DispatchTask task in failing.Append(last))
        {
            dispatcher.Dispatch(task);
        }

        dispatcher.Run();

        Assert.Equal(TaskState.Completed, Bounded.End(last));
        Assert.All(failing, task => Assert.Equal(TaskState.Failed, task.State));
        Assert.All(failing, task => Assert.Contains(task.Exception, errors));
        Assert.All(failing, task => Assert.Same(task.Exception, task.GetRecords().Single(record => record.Kind == RecordKind.Error).Value));
        Assert.All(failing.Append(last), task => Assert.Equal(1, task.Worker));
    }

    [Fact]
    public void Ten_thousand_tasks_on_2_workers_finish()
    {
        using var dispatcher = new Dispatcher(100, 2, 2);
        dispatcher.Run();
        int ran = 0;
        for (int i = 0; i < 10_000; i++)
        {
            dispatcher.Dispatch(new Body(_ => Interlocked.Increment(ref ran)));
        }

        Bounded.Quit(dispatcher, drain: true);

        Assert.Equal(10_000, ran);
    }

    [Fact]
    public void A_hundred_thousand_tasks_in_the_overflow_finish()
    {
        using var dispatcher = new Dispatcher(10, 1, 2);
        int ran = 0;
        var body = new Body(_ => Interlocked.Increment(ref ran));
        int overflowed = Enumerable.Range(0, 100_000).Count(_ => !dispatcher.Dispatch(body));
        Assert.Equal(100_000 - 10, overflowed);

        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);

        Assert.Equal(100_000, ran);
        Assert.Equal(100_000, dispatcher.Statistics.Completed);
    }
}
