using System;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Remote;

/// <summary>Tasks that only one host may run.</summary>
public sealed class PinnedTaskTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;
    private readonly FakeRemoteRunner _a;
    private readonly FakeRemoteRunner _b;

    public PinnedTaskTests()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions { Clock = _clock, HasNoWorkers = true, QueueSize = 3, QueueFullMode = QueueFullMode.Overflow });
        _dispatcher.Run();
        _a = new FakeRemoteRunner(_dispatcher, "a");
        _b = new FakeRemoteRunner(_dispatcher, "b");
    }

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_runner_gets_the_better_of_what_anybody_may_take_and_what_is_its_own()
    {
        DispatchTask[] tasks = [Send(), Send("A"), Send("b"), Send(), Send("a", priority: 1)];
        Assert.Equal([tasks[4], tasks[0], tasks[1], tasks[3]], _a.Claim());
        Assert.Equal([tasks[2]], _b.Claim());
    }

    [Fact]
    public void Neither_waits_for_the_other()
    {
        DispatchTask[] tasks = [Send("a"), Send("a"), Send("a"), Send(), Send()];
        Assert.Equal([tasks[4], tasks[3]], _b.Claim(2)); // Beyond the bound of the queue, the last comes first.
        Assert.Equal(tasks.Take(3), _a.Claim(3));
        tasks = [Send(), Send(), Send(), Send(), Send("b")];
        Assert.Equal("pinned to host 'c', which has no session", Send("c").PendingReason);
        Assert.Equal(tasks, _b.Claim());
    }

    [Fact]
    public void It_says_whether_its_host_has_a_session()
    {
        DispatchTask task = Send("A");
        Assert.Equal("pinned to host 'A', which has no session", task.PendingReason);
        _a.Claim(0);
        Assert.Equal("Queued", task.PendingReason);
        _dispatcher.Suspend();
        Assert.Equal("Suspended", task.PendingReason);
        _dispatcher.Resume();
        _a.Leave();
        Assert.Equal("pinned to host 'A', which has no session", task.PendingReason);
        task.Stop();
        Assert.Equal(TaskState.Stopped, task.State);
    }

    [Fact]
    public void Those_of_a_lost_host_can_be_ended()
    {
        DispatchTask[] others = [Send(), Send("b")];
        DispatchTask[] tasks = [Send("a"), Send("A", group: "g"), Send("a", delay: 5)];
        DispatchTask dependent = Body.Nothing(new TaskOptions { HostName = "a", DependsOn = [tasks[0]] });
        _dispatcher.Dispatch(dependent);
        var reason = new InvalidOperationException("lost");
        _a.Claim(0);
        _dispatcher.Scheduler.Remote.StopPinned("a", reason);
        Assert.All(tasks, task => Assert.Equal(TaskState.Pending, task.State)); // A session is there.
        _a.Leave();

        _dispatcher.Scheduler.Remote.StopPinned("a", reason);

        Assert.All(tasks, task => Assert.Equal((TaskState.Stopped, reason), (task.State, task.Exception)));
        Assert.Equal(TaskState.Stopped, dependent.State);
        Assert.Equal(others, _b.Claim());
        Assert.Equal((2, 4), (_dispatcher.Statistics.Pending, _dispatcher.Statistics.Stopped));
    }

    [Fact]
    public void Workers_never_take_one()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MaxWorkers = 2 });
        dispatcher.Run();
        DispatchTask pinned = Body.Nothing(new TaskOptions { HostName = "a", Priority = 5 });
        DispatchTask plain = Body.Nothing();
        dispatcher.Dispatch(pinned);
        dispatcher.Dispatch(plain);
        Assert.Equal(TaskState.Completed, Bounded.End(plain));
        Assert.Equal((TaskState.Pending, 0), (pinned.State, pinned.Attempt));
        var runner = new FakeRemoteRunner(dispatcher);
        Assert.Equal([pinned], runner.Claim());
        runner.Complete(runner.Run(pinned));
        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(TaskState.Completed, pinned.State);
    }

    [Fact]
    public void The_runner_of_its_host_is_woken_and_no_other()
    {
        _a.Claim();
        _b.Claim();
        Send("b");
        Assert.Equal((0, 1), (_a.WakeCount, _b.WakeCount));
        Send("a");
        Assert.Equal((1, 1), (_a.WakeCount, _b.WakeCount));
        Send("a");
        Assert.Equal((1, 1), (_a.WakeCount, _b.WakeCount));
    }

    [Fact]
    public void A_runner_that_waits_is_woken_whatever_held_its_task_back()
    {
        _dispatcher.GroupLimit = new GroupLimit(1);
        _dispatcher.Suspend();
        DispatchTask[] tasks = [Send("a", group: "g"), Send("b", group: "g"), Send("b", delay: 5)];
        _a.Claim();
        _b.Claim();
        Assert.Equal((0, 0), (_a.WakeCount, _b.WakeCount));
        _dispatcher.Resume();
        Assert.Equal((1, 0), (_a.WakeCount, _b.WakeCount));
        Assert.Equal([tasks[0]], _a.Claim());
        _a.Complete(_a.Run(tasks[0]));
        Assert.Equal(1, _b.WakeCount);
        Assert.Equal([tasks[1]], _b.Claim());
        _clock.AdvanceSeconds(5);
        Assert.Equal(2, _b.WakeCount);
        Assert.Equal([tasks[2]], _b.Claim());
    }

    [Fact]
    public void A_priority_that_takes_the_place_of_another_host_wakes_the_runner()
    {
        _dispatcher.GroupLimit = new GroupLimit(1);
        DispatchTask[] tasks = [Send("b", group: "g"), Send("a", group: "g")];
        _a.Claim();
        tasks[1].Priority = 1;
        Assert.Equal(1, _a.WakeCount);
        Assert.Equal([tasks[1]], _a.Claim());
    }

    [Fact]
    public void A_worker_that_ends_a_task_of_the_group_wakes_the_runner()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MaxWorkers = 1, GroupLimit = new GroupLimit(1) });
        dispatcher.Run();
        using Blocker blocker = Blocker.On(dispatcher, new TaskOptions { Group = "g" });
        DispatchTask task = Body.Nothing(new TaskOptions { Group = "g", HostName = "a" });
        dispatcher.Dispatch(task);
        var runner = new FakeRemoteRunner(dispatcher);
        Assert.Empty(runner.Claim());
        blocker.Release();
        Bounded.Until(() => runner.WakeCount > 0, "the runner to be woken");
        Assert.Equal([task], runner.Claim());
    }

    [Fact]
    public void The_rate_holds_for_it_too()
    {
        _dispatcher.RateLimit = new Rate(1, TimeSpan.FromSeconds(1));
        DispatchTask[] tasks = [Send("a"), Send("a")];
        Assert.Equal([tasks[0]], _a.Claim());
        Assert.Equal("Rate", tasks[1].PendingReason);
        _a.Run(tasks[0]);
        _clock.AdvanceSeconds(1);
        Assert.Equal(1, _a.WakeCount);
        Assert.Equal([tasks[1]], _a.Claim());
    }

    [Fact]
    public void Two_sessions_of_one_host_share_what_is_pinned_to_it()
    {
        var second = new FakeRemoteRunner(_dispatcher, "A");
        _a.Claim();
        second.Claim();
        Send("a");
        Send("a");
        Assert.Equal((1, 1), (_a.WakeCount, second.WakeCount));
        Assert.Single(_a.Claim());
        Assert.Single(second.Claim());
    }

    [Fact]
    public void What_is_its_own_is_no_part_of_the_share_of_others()
    {
        _b.Claim();
        DispatchTask[] tasks = [Send(), Send(), Send("a")];
        Assert.Equal([tasks[0], tasks[2]], _a.Claim());
        Assert.Equal([tasks[1]], _b.Claim());
    }

    [Fact]
    public void A_retry_stays_with_its_host()
    {
        DispatchTask task = Send("a", retries: 1);
        _a.Claim();
        _a.Complete(_a.Run(task), new InvalidOperationException("no"));
        Assert.Empty(_b.Claim());
        Assert.Equal([task], _a.Claim());
    }

    [Fact]
    public void It_counts_for_the_bound_of_the_queue()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { HasNoWorkers = true, QueueSize = 2, QueueFullMode = QueueFullMode.Reject });
        DispatchTask[] tasks = [.. Enumerable.Range(0, 3).Select(_ => Body.Nothing(new TaskOptions { HostName = "a" }))];
        Assert.Equal([true, true, false], tasks.Select(dispatcher.Dispatch));
        Assert.Equal((2, 1), (dispatcher.Statistics.Pending, dispatcher.Statistics.Rejected));
    }

    private DispatchTask Send(string? host = null, int priority = 0, string? group = null, double delay = 0, int retries = 0)
    {
        DispatchTask task = Body.Nothing(new TaskOptions { HostName = host, Priority = priority, Group = group, Delay = TimeSpan.FromSeconds(delay), Retries = retries });
        _dispatcher.Dispatch(task);
        return task;
    }
}
