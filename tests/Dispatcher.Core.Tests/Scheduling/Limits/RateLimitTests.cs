using System;
using System.Collections.Generic;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Limits;

public sealed class RateLimitTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly HandRun _run = new(rate: new Rate(3, s_second));

    public void Dispose() => _run.Dispose();

    [Fact]
    public void No_more_start_in_a_period_and_the_reason_says_so()
    {
        DispatchTask[] tasks = _run.Send(7);
        Assert.Equal(tasks.Take(3), _run.Start());
        Assert.Equal("Rate", tasks[3].PendingReason);
        _run.Pass(0.999);
        Assert.Empty(_run.Start());
        _run.Pass(0.001);
        Assert.Equal(tasks.Skip(3).Take(3), _run.Start());
        _run.Pass(1);
        Assert.Equal(tasks.Skip(6), _run.Start());
    }

    [Fact]
    public void The_window_slides()
    {
        _run.Send(10);
        Assert.Single(_run.Start(1));
        _run.Pass(0.9);
        Assert.Equal(2, _run.Start().Length);
        _run.Pass(0.1);
        Assert.Single(_run.Start());
        _run.Pass(0.8);
        Assert.Empty(_run.Start());
        _run.Pass(0.1);
        Assert.Equal(2, _run.Start().Length);
    }

    [Fact]
    public void It_wakes_whoever_takes_when_the_next_may_start()
    {
        _run.Send(4);
        _run.Start();
        int before = _run.Runner.WakeCount;
        _run.Pass(1);
        Assert.Equal(before + 1, _run.Runner.WakeCount);
    }

    [Fact]
    public void A_task_sent_when_the_period_is_long_over_starts_at_once()
    {
        _run.Send(3);
        Assert.Equal(3, _run.Start().Length);
        _run.Pass(5);
        Assert.Empty(_run.Start());
        int before = _run.Runner.WakeCount;
        DispatchTask task = _run.Send();
        _run.Pass(0);
        Assert.Equal(before + 1, _run.Runner.WakeCount);
        Assert.Equal([task], _run.Start());
    }

    [Fact]
    public void On_a_worker_it_starts_at_once_as_well()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Clock = clock, MinWorkers = 0, MaxWorkers = 2, RateLimit = new Rate(1, s_second) });
        dispatcher.Run();
        for (int i = 0; i < 3; i++)
        {
            DispatchTask task = Body.Nothing();
            dispatcher.Dispatch(task);
            clock.AdvanceSeconds(0);
            Bounded.End(task);
            clock.AdvanceSeconds(5);
        }
    }

    [Fact]
    public void A_retry_counts()
    {
        DispatchTask failing = _run.Send(new TaskOptions { Retries = 5 });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal([failing], _run.Start());
            _run.Fail(failing);
        }

        Assert.Empty(_run.Start());
        Assert.Equal("Rate", failing.PendingReason);
        _run.Pass(1);
        Assert.Equal([failing], _run.Start());
    }

    [Fact]
    public void A_retry_that_is_due_when_the_period_is_over_starts()
    {
        DispatchTask failing = _run.Send(new TaskOptions { Retries = 1 });
        _run.Send(2);
        _run.Start();
        _run.Pass(2);
        Assert.Empty(_run.Start());
        int before = _run.Runner.WakeCount;
        _run.Fail(failing);
        _run.Pass(0);
        Assert.Equal(before + 1, _run.Runner.WakeCount);
        Assert.Equal([failing], _run.Start());
    }

    [Fact]
    public void It_can_be_changed_and_counts_what_has_started()
    {
        DispatchTask[] tasks = _run.Send(9);
        _run.Start();
        _run.Dispatcher.RateLimit = new Rate(5, s_second);
        Assert.Equal(tasks.Skip(3).Take(2), _run.Start());
        _run.Dispatcher.RateLimit = new Rate(2, s_second);
        Assert.Empty(_run.Start());
        _run.Pass(1);
        Assert.Equal(tasks.Skip(5).Take(2), _run.Start());
        _run.Dispatcher.RateLimit = null;
        Assert.Equal(tasks.Skip(7), _run.Start());
    }

    [Fact]
    public void Less_than_one_a_second_is_one_in_a_longer_period()
    {
        _run.Dispatcher.RateLimit = new Rate(1, TimeSpan.FromSeconds(4));
        _run.Send(3);
        Assert.Single(_run.Start());
        _run.Pass(3.999);
        Assert.Empty(_run.Start());
        _run.Pass(0.001);
        Assert.Single(_run.Start());
    }

    [Fact]
    public void What_was_not_used_while_suspended_is_not_made_up_for()
    {
        _run.Send(10);
        _run.Start();
        _run.Dispatcher.Suspend();
        _run.Pass(10);
        Assert.Empty(_run.Start());
        _run.Dispatcher.Resume();
        _run.Pass(0);
        Assert.Equal(3, _run.Start().Length);
        Assert.Empty(_run.Start());
    }

    [Fact]
    public void A_place_in_a_group_that_becomes_free_later_is_used()
    {
        _run.Dispatcher.GroupLimit = new GroupLimit(1);
        DispatchTask[] tasks = _run.Send(2, new TaskOptions { Group = "a" });
        Assert.Equal([tasks[0]], _run.Start());
        _run.Send(2);
        Assert.Equal(2, _run.Start().Length);
        _run.Pass(5);
        Assert.Empty(_run.Start());
        int before = _run.Runner.WakeCount;
        _run.Complete(tasks[0]);
        _run.Pass(0);
        Assert.Equal(before + 1, _run.Runner.WakeCount);
        Assert.Equal([tasks[1]], _run.Start());
    }

    [Fact]
    public void A_task_that_opens_its_host_first_counts_from_when_it_runs()
    {
        var clock = new FakeClock();
        using var opening = new Gate("the host to open");
        using var reached = new Gate("the host to be reached");
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            Clock = clock,
            MinWorkers = 1,
            MaxWorkers = 1,
            RateLimit = new Rate(1, s_second),
            CreateWorkerHost = () => new FakeHost
            {
                OnRun = loop =>
                {
                    reached.Open();
                    opening.Wait();
                    loop.RunTasks();
                },
            },
        });
        dispatcher.Run();
        DispatchTask[] tasks = [FakeHost.Task(_ => { }), FakeHost.Task(_ => { })];
        Array.ForEach(tasks, task => dispatcher.Dispatch(task));
        reached.Wait();
        clock.AdvanceSeconds(3);
        opening.Open();
        Bounded.End(tasks[0]);
        Bounded.Until(() => dispatcher.IdleWorkerCount == 1, "the worker to be idle");
        clock.AdvanceSeconds(0.9);
        Assert.Equal(("Rate", TaskState.Pending), (tasks[1].PendingReason, tasks[1].State));
        clock.AdvanceSeconds(0.1);
        Bounded.End(tasks[1]);
        Assert.Equal(s_second, tasks[1].StartedAt - tasks[0].StartedAt);
    }

    [Fact]
    public void A_host_that_does_not_open_gives_its_start_back()
    {
        var clock = new FakeClock();
        bool fails = true;
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            Clock = clock,
            MinWorkers = 1,
            MaxWorkers = 1,
            RateLimit = new Rate(1, s_second),
            CreateWorkerHost = () => fails ? throw new InvalidOperationException("no host") : new FakeHost(),
        });
        dispatcher.Run();
        DispatchTask first = FakeHost.Task(_ => { });
        dispatcher.Dispatch(first);
        Assert.Equal(TaskState.Failed, Bounded.End(first));
        fails = false;
        DispatchTask second = FakeHost.Task(_ => { });
        dispatcher.Dispatch(second);
        Assert.Equal(TaskState.Completed, Bounded.End(second));
    }

    [Fact]
    public void Times_of_starts_never_come_closer_than_the_rate_says_with_workers_either()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Clock = clock, MinWorkers = 4, MaxWorkers = 4, RateLimit = new Rate(5, s_second) });
        dispatcher.Run();
        DispatchTask[] tasks = [.. Enumerable.Range(0, 60).Select(_ => Body.Nothing())];
        Array.ForEach(tasks, task => dispatcher.Dispatch(task));
        for (int i = 0; i < 200 && !Array.TrueForAll(tasks, task => task.IsEnded); i++)
        {
            clock.AdvanceSeconds(0.13);
            System.Threading.Thread.Yield();
        }

        clock.AdvanceSeconds(100);
        dispatcher.RateLimit = null;
        Bounded.End(tasks);
        List<DateTimeOffset> starts = [.. tasks.Select(task => task.StartedAt!.Value).Where(start => start < FakeClock.Origin.AddHours(1).AddSeconds(30)).Order()];
        Assert.All(Enumerable.Range(0, Math.Max(0, starts.Count - 5)), i => Assert.True(starts[i + 5] - starts[i] >= s_second));
    }

    [Fact]
    public void Values_out_of_range_are_errors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rate(0, s_second));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rate(1_000_001, s_second));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rate(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rate(1, TimeSpan.FromDays(367)));
    }
}
