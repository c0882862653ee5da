using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

public sealed class PoolScalerTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly List<Blocker> _blockers = [];
    private Dispatcher? _dispatcher;

    public void Dispose()
    {
        _blockers.ForEach(blocker => blocker.Dispose());
        _dispatcher?.Dispose();
    }

    [Fact]
    public void A_task_that_finds_no_idle_worker_doubles_the_pool_up_to_its_maximum()
    {
        Dispatcher dispatcher = Start(1, 11);
        var counts = new List<int>();

        for (int i = 0; i < 12; i++)
        {
            var blocker = new Blocker();
            _blockers.Add(blocker);
            dispatcher.Dispatch(blocker.Task);
            if (i < 11)
            {
                blocker.WaitUntilStarted();
                Bounded.Until(() => dispatcher.IdleWorkerCount + dispatcher.Statistics.Running == dispatcher.WorkerCount, "new workers to arrive");
            }

            counts.Add(dispatcher.WorkerCount);
        }

        Assert.Equal([1, 2, 4, 4, 8, 8, 8, 8, 11, 11, 11, 11], counts);
        Assert.False(_blockers[^1].HasStarted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tasks_in_the_overflow_make_the_pool_grow_as_queued_ones_do(bool areSentBefore)
    {
        _dispatcher = new Dispatcher(queueSize: 1, minWorkers: 1, maxWorkers: 4);
        if (!areSentBefore)
        {
            _dispatcher.Run();
        }

        for (int i = 0; i < 8; i++)
        {
            _blockers.Add(new Blocker());
            _dispatcher.Dispatch(_blockers[i].Task);
        }

        _dispatcher.Run();
        Bounded.Until(() => _blockers.FindAll(blocker => blocker.HasStarted).Count == 4, "4 tasks to run side by side");
    }

    [Fact]
    public void A_pool_that_shrinks_just_then_runs_two_tasks_side_by_side_all_the_same()
    {
        // Real time: the interval is up again and again while tasks are sent to workers that are idle.
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 4, ScaleDownInterval = TimeSpan.FromMilliseconds(1) });
        dispatcher.Run();
        for (int i = 0; i < 300; i++)
        {
            using var barrier = new Barrier(2);
            DispatchTask[] pair = [.. Enumerable.Range(0, 2).Select(_ => Body.Task(context =>
            {
                if (!barrier.SignalAndWait(TimeSpan.FromSeconds(5)))
                {
                    throw new InvalidOperationException("The other one did not run meanwhile.");
                }
            }))];
            Array.ForEach(pair, task => dispatcher.Dispatch(task));
            Assert.All(pair, task => Assert.Equal(TaskState.Completed, Bounded.End(task)));
        }

        Bounded.Quit(dispatcher, drain: true);
    }

    [Fact]
    public void From_0_the_pool_grows_to_1()
    {
        Dispatcher dispatcher = Start(0, 8);
        Assert.Equal(0, dispatcher.WorkerCount);

        Block(dispatcher, 1);

        Assert.Equal(1, dispatcher.WorkerCount);
    }

    [Fact]
    public void While_a_worker_is_idle_the_pool_does_not_grow()
    {
        Dispatcher dispatcher = Start(1, 8);
        Block(dispatcher, 3);
        Bounded.Until(() => dispatcher.IdleWorkerCount == 1, "the fourth worker to be idle");

        Block(dispatcher, 1);

        Assert.Equal(4, dispatcher.WorkerCount);
    }

    [Fact]
    public void Run_starts_as_many_workers_as_the_queue_asks_for()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 4, Clock = _clock });
        for (int i = 0; i < 4; i++)
        {
            var blocker = new Blocker();
            _blockers.Add(blocker);
            _dispatcher.Dispatch(blocker.Task);
        }

        _dispatcher.Run();

        _blockers.ForEach(blocker => blocker.WaitUntilStarted());
        Assert.Equal(4, _dispatcher.WorkerCount);
    }

    [Fact]
    public void An_idle_pool_halves_at_each_interval_down_to_its_minimum()
    {
        Dispatcher dispatcher = Start(1, 9);
        Idle(dispatcher, 9);
        var counts = new List<int>();

        for (int i = 0; i < 5; i++)
        {
            _clock.Advance(dispatcher.ScaleDownInterval - TimeSpan.FromTicks(1));
            counts.Add(dispatcher.WorkerCount);
            _clock.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Equal([9, 4, 2, 1, 1], counts);
        Blocker.CheckStrength(dispatcher, 9);
    }

    [Fact]
    public void The_default_interval_is_5_minutes()
    {
        Dispatcher dispatcher = Start(1, 2);
        Idle(dispatcher, 2);

        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal(2, dispatcher.WorkerCount);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, dispatcher.WorkerCount);
    }

    [Fact]
    public void With_min_0_all_workers_go_and_come_back()
    {
        Dispatcher dispatcher = Start(0, 4);
        Idle(dispatcher, 4);
        for (int i = 0; i < 3; i++)
        {
            _clock.Advance(dispatcher.ScaleDownInterval);
        }

        Assert.Equal(0, dispatcher.WorkerCount);
        Blocker.CheckStrength(dispatcher, 4);
    }

    [Fact]
    public void Scaling_down_lets_go_of_idle_workers_only()
    {
        Dispatcher dispatcher = Start(1, 8);
        List<Blocker> all = Block(dispatcher, 8);
        all.Skip(3).ToList().ForEach(blocker => blocker.Release());
        Bounded.Until(() => dispatcher.IdleWorkerCount == 5, "five idle workers");

        for (int i = 0; i < 4; i++)
        {
            _clock.Advance(dispatcher.ScaleDownInterval);
        }

        Assert.Equal(3, dispatcher.WorkerCount);
        Assert.All(all.Take(3), blocker => Assert.Equal(TaskState.Running, blocker.Task.State));
        Assert.All(all.Take(3), blocker => Assert.False(blocker.Context!.IsStopRequested));
    }

    [Fact]
    public void A_moment_in_which_all_are_busy_starts_the_interval_anew()
    {
        Dispatcher dispatcher = Start(1, 2);
        Idle(dispatcher, 2);
        _clock.Advance(dispatcher.ScaleDownInterval - TimeSpan.FromTicks(1));
        Idle(dispatcher, 2);

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(2, dispatcher.WorkerCount);
        _clock.Advance(dispatcher.ScaleDownInterval);
        Assert.Equal(1, dispatcher.WorkerCount);
    }

    [Fact]
    public void Without_an_interval_the_pool_keeps_its_size()
    {
        Dispatcher dispatcher = Start(1, 4);
        dispatcher.ScaleDownInterval = Timeout.InfiniteTimeSpan;
        Idle(dispatcher, 4);

        _clock.Advance(TimeSpan.FromDays(1000));

        Assert.Equal(4, dispatcher.WorkerCount);
        dispatcher.ScaleDownInterval = TimeSpan.FromSeconds(1);
        _clock.AdvanceSeconds(1);
        Assert.Equal(2, dispatcher.WorkerCount);
    }

    [Fact]
    public void A_lower_maximum_lets_idle_workers_go_at_once()
    {
        Dispatcher dispatcher = Start(1, 8);
        Idle(dispatcher, 8);

        dispatcher.SetWorkers(1, 3);

        Assert.Equal(3, dispatcher.WorkerCount);
        Blocker.CheckStrength(dispatcher, 3);
        Assert.Equal(3, dispatcher.WorkerCount);
    }

    [Fact]
    public void A_lower_maximum_lets_busy_workers_go_when_their_task_is_done()
    {
        Dispatcher dispatcher = Start(1, 4);
        List<Blocker> blockers = Block(dispatcher, 4);
        DispatchTask[] queued = [.. Enumerable.Range(0, 10).Select(_ => Body.Nothing())];
        Array.ForEach(queued, task => dispatcher.Dispatch(task));

        dispatcher.SetWorkers(1, 2);

        Assert.Equal(4, dispatcher.WorkerCount);
        blockers[0].Release();
        Bounded.Until(() => dispatcher.WorkerCount == 3, "a worker to go");
        blockers[1].Release();
        Bounded.Until(() => dispatcher.WorkerCount == 2, "a worker to go");
        Assert.All(queued, task => Assert.Equal(TaskState.Pending, task.State));
        blockers[2].Release();
        Bounded.End(queued);
        Assert.Equal(2, dispatcher.WorkerCount);
        Assert.Equal(TaskState.Running, blockers[3].Task.State);
    }

    [Fact]
    public void A_higher_minimum_starts_workers_at_once()
    {
        Dispatcher dispatcher = Start(0, 8);

        dispatcher.SetWorkers(5, 8);

        Assert.Equal(5, dispatcher.WorkerCount);
        Assert.Equal(5, dispatcher.MinWorkers);
        Bounded.Until(() => dispatcher.IdleWorkerCount == 5, "idle workers");
        _clock.Advance(dispatcher.ScaleDownInterval);
        Assert.Equal(5, dispatcher.WorkerCount);
    }

    [Fact]
    public void A_lower_minimum_lets_the_idle_pool_shrink()
    {
        Dispatcher dispatcher = Start(4, 4);
        Bounded.Until(() => dispatcher.IdleWorkerCount == 4, "idle workers");
        _clock.Advance(dispatcher.ScaleDownInterval);
        Assert.Equal(4, dispatcher.WorkerCount);

        dispatcher.SetWorkers(1, 4);
        _clock.Advance(dispatcher.ScaleDownInterval);

        Assert.Equal(2, dispatcher.WorkerCount);
    }

    [Fact]
    public void A_resize_of_a_stopped_dispatcher_holds_from_its_run()
    {
        _dispatcher = new Dispatcher(10, 1, 1);
        _dispatcher.SetWorkers(3, 4);
        Assert.Equal(0, _dispatcher.WorkerCount);

        _dispatcher.Run();

        Assert.Equal(3, _dispatcher.WorkerCount);
        Blocker.CheckStrength(_dispatcher, 4);
    }

    [Fact]
    public void Resizing_all_the_time_loses_nothing()
    {
        Dispatcher dispatcher = Start(1, 2);
        bool done = false;
        int ran = 0;
        Bounded.OnThreads(3, index =>
        {
            if (index == 0)
            {
                var random = new Random(1);
                while (!Volatile.Read(ref done))
                {
                    int max = random.Next(1, 9);
                    dispatcher.SetWorkers(random.Next(0, max + 1), max);
                }

                return;
            }

            for (int i = 0; i < 10_000; i++)
            {
                dispatcher.Send(Body.Task(_ => Interlocked.Increment(ref ran)));
            }

            Volatile.Write(ref done, true);
        });

        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(20_000, ran);
        dispatcher.SetWorkers(2, 3);
        dispatcher.Run();
        Blocker.CheckStrength(dispatcher, 3);
        Assert.Equal(3, dispatcher.WorkerCount);
    }

    private Dispatcher Start(int min, int max)
    {
        _dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = min, MaxWorkers = max, Clock = _clock, TaskTimeout = Timeout.InfiniteTimeSpan });
        _dispatcher.Run();
        return _dispatcher;
    }

    private List<Blocker> Block(Dispatcher dispatcher, int count)
    {
        List<Blocker> blockers = [.. Enumerable.Range(0, count).Select(_ => Blocker.On(dispatcher))];
        _blockers.AddRange(blockers);
        return blockers;
    }

    /// <summary>Makes the pool so large, and all of it idle.</summary>
    private static void Idle(Dispatcher dispatcher, int count)
    {
        Blocker.CheckStrength(dispatcher, count);
        Bounded.Until(() => dispatcher.WorkerCount == count && dispatcher.IdleWorkerCount == count, "all workers to be idle");
    }
}
