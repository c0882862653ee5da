using System;
using System.Collections.Generic;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

/// <summary>A runner that is no worker: it takes several tasks at once, and they end one by one, in any order.</summary>
public sealed class TaskHandoutTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;
    private readonly TestRunner _runner;

    public TaskHandoutTests()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions { Clock = _clock, MinWorkers = 0, MaxWorkers = 1, StopGrace = TimeSpan.FromSeconds(2) });
        _runner = new TestRunner(_dispatcher);
        Blocker = Blocker.On(Started(_dispatcher), new TaskOptions { Timeout = System.Threading.Timeout.InfiniteTimeSpan });
    }

    // Keeps the only worker, so that the runner alone takes what is sent.
    private Blocker Blocker { get; }

    public void Dispose()
    {
        Blocker.Dispose();
        _dispatcher.Dispose();
    }

    [Fact]
    public void It_hands_out_as_many_as_asked_for_in_the_order_sent()
    {
        DispatchTask[] tasks = Send(5);
        Assert.Equal(tasks.Take(3), _runner.Take(3).Select(attempt => attempt.Task));
        Assert.Equal(tasks.Skip(3), _runner.Take(3).Select(attempt => attempt.Task));
        Assert.All(tasks, task => Assert.Equal((TaskState.Running, 7), (task.State, task.Worker)));
        Assert.Equal(6, _dispatcher.Statistics.Running);
    }

    [Fact]
    public void Tasks_end_by_themselves_in_any_order()
    {
        DispatchTask[] tasks = Send(3);
        List<TaskContext> attempts = _runner.Take(3);
        _runner.Complete(attempts[2]);
        _runner.Complete(attempts[0], new InvalidOperationException("no"));
        Assert.Equal([TaskState.Failed, TaskState.Running, TaskState.Completed], tasks.Select(task => task.State));
        _runner.Complete(attempts[1]);
        Assert.Equal(TaskState.Completed, tasks[1].State);
        Assert.Equal((2, 1, 1), (_dispatcher.Statistics.Completed, _dispatcher.Statistics.Failed, _dispatcher.Statistics.Running));
    }

    [Fact]
    public void It_is_woken_once_when_there_is_one_more()
    {
        Assert.Empty(_runner.Take(2));
        DispatchTask[] tasks = Send(2);
        Assert.Equal(1, _runner.WakeCount);
        Assert.Equal(tasks, _runner.Take(2).Select(attempt => attempt.Task));
        Send(1);
        Assert.Equal(1, _runner.WakeCount); // It got all that it asked for, and has not asked again.
    }

    [Fact]
    public void Each_has_its_own_timeout_and_grace()
    {
        DispatchTask fast = Send(1, timeout: 5).Single();
        DispatchTask slow = Send(1, timeout: 50).Single();
        List<TaskContext> attempts = _runner.Take(2);
        _clock.AdvanceSeconds(5);
        Assert.True(attempts[0].IsStopRequested);
        Assert.False(attempts[1].IsStopRequested);
        _runner.Complete(attempts[0]);
        Assert.Equal((TaskState.TimedOut, TaskState.Running), (fast.State, slow.State));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stopped_attempt_that_was_the_last_thing_to_wait_for_ends_the_stop(bool drain)
    {
        DispatchTask task = Send(1).Single();
        TaskContext attempt = _runner.Take(1).Single();
        Blocker.Dispose();
        PendingStop stop = _dispatcher.BeginQuit(drain);
        task.Stop();
        _runner.Complete(attempt);
        Assert.True(stop.Wait(Bounded.Limit, default));
        Assert.Equal(DispatcherStatus.Stopped, _dispatcher.Status);
    }

    [Fact]
    public void One_that_does_not_stop_is_abandoned_and_ends_once()
    {
        DispatchTask task = Send(1, timeout: 5).Single();
        TaskContext attempt = _runner.Take(1).Single();
        _clock.AdvanceSeconds(8);
        Assert.Equal((TaskState.TimedOut, 1), (task.State, _runner.AbandonedCount));
        _runner.Complete(attempt);
        Assert.Equal((TaskState.TimedOut, 1, 1), (task.State, _dispatcher.Statistics.TimedOut, _dispatcher.Statistics.Running));
    }

    [Fact]
    public void One_that_fails_is_tried_again_by_whoever_asks()
    {
        var task = Body.Nothing(new TaskOptions { Retries = 1 });
        _dispatcher.Dispatch(task);
        _runner.Complete(_runner.Take(1).Single(), new InvalidOperationException("no"));
        Assert.Equal((TaskState.Pending, 1), (task.State, task.Attempt));
        _runner.Complete(_runner.Take(1).Single());
        Assert.Equal((TaskState.Completed, 2), (task.State, task.Attempt));
    }

    [Fact]
    public void A_drain_waits_for_what_it_runs()
    {
        Send(1);
        TaskContext attempt = _runner.Take(1).Single();
        Blocker.Release();
        Bounded.End(Blocker.Task);
        Assert.False(_dispatcher.Quit(drain: true, TimeSpan.Zero));
        Assert.Equal(DispatcherStatus.Draining, _dispatcher.Status);
        _runner.Complete(attempt);
        Bounded.Quit(_dispatcher, drain: true);
        Assert.Equal(DispatcherStatus.Stopped, _dispatcher.Status);
    }

    [Fact]
    public void A_stop_waits_for_what_it_runs_and_hands_out_no_more()
    {
        Send(2);
        TaskContext attempt = _runner.Take(1).Single();
        Assert.False(_dispatcher.Quit(drain: false, TimeSpan.Zero));
        Blocker.Release();
        Bounded.End(Blocker.Task);
        Assert.Empty(_runner.Take(1));
        Assert.False(_dispatcher.Quit(drain: false, TimeSpan.Zero));
        _runner.Complete(attempt);
        Bounded.Quit(_dispatcher, drain: false);
        Assert.Equal((1, 2), (_dispatcher.Statistics.Pending, _dispatcher.Statistics.Completed));
    }

    private static Dispatcher Started(Dispatcher dispatcher)
    {
        dispatcher.Run();
        return dispatcher;
    }

    private DispatchTask[] Send(int count, double timeout = 30)
    {
        DispatchTask[] tasks = [.. Enumerable.Range(0, count).Select(_ => Body.Nothing(new TaskOptions { Timeout = TimeSpan.FromSeconds(timeout) }))];
        Array.ForEach(tasks, task => _dispatcher.Dispatch(task));
        return tasks;
    }
}
