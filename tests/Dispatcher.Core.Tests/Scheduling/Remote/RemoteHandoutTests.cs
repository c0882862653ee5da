using System;
using System.Collections.Generic;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Remote;

/// <summary>Tasks that are sent to a runner elsewhere, and start there later or never.</summary>
public sealed class RemoteHandoutTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;
    private readonly FakeRemoteRunner _runner;

    public RemoteHandoutTests()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions
        {
            Clock = _clock,
            HasNoWorkers = true,
            QueueSize = 5,
            QueueFullMode = QueueFullMode.Overflow,
        });
        _dispatcher.Run();
        _runner = new FakeRemoteRunner(_dispatcher);
    }

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void It_claims_as_many_as_asked_for_in_the_order_in_which_they_would_start()
    {
        DispatchTask[] tasks = Send(4);
        tasks[2].Priority = 1;
        Assert.Equal([tasks[2], tasks[0]], _runner.Claim(2));
        Assert.Equal([tasks[1], tasks[3]], _runner.Claim(5));
    }

    [Fact]
    public void A_sent_task_is_pending_and_says_where_it_is()
    {
        DispatchTask task = Send(1).Single();
        Assert.Null(task.ComputerName);
        _runner.Claim();
        Assert.Equal((TaskState.Pending, "sent to A, and not started there yet", "A", 0), (task.State, task.PendingReason, task.ComputerName, task.Attempt));
        Assert.Null(task.StartedAt);
        Assert.Equal((1, 0), (_dispatcher.Statistics.Pending, _dispatcher.Statistics.Running));
        Assert.Equal([task], _dispatcher.GetTasks());
    }

    [Fact]
    public void It_takes_no_room_in_the_queue()
    {
        DispatchTask[] tasks = Send(7);
        Assert.Equal([.. tasks.Take(5), tasks[6]], _runner.Claim(6));
        DispatchTask[] more = Send(4);
        Assert.False(_dispatcher.Dispatch(Body.Nothing()));
        Assert.Equal([tasks[5], .. more], _runner.Claim(5));
    }

    [Fact]
    public void Its_attempt_begins_when_the_far_end_has_started_it()
    {
        DispatchTask task = Send(1, new TaskOptions { Timeout = TimeSpan.FromSeconds(5) }).Single();
        _runner.Claim();
        _clock.AdvanceSeconds(100);
        Assert.Equal(TaskState.Pending, task.State);
        TaskContext attempt = _runner.Run(task);
        Assert.Equal((TaskState.Running, 1, 1, "A"), (task.State, task.Attempt, task.Worker, task.ComputerName));
        Assert.Equal(TimeSpan.FromSeconds(100), task.WaitTime);
        _clock.AdvanceSeconds(4);
        Assert.False(attempt.IsStopRequested);
        _clock.AdvanceSeconds(1);
        Assert.Equal([attempt], _runner.Stopped); // Whatever the body is: this one is not run in a host.
        _runner.Complete(attempt);
        Assert.Equal((TaskState.TimedOut, "A"), (task.State, task.ComputerName));
    }

    [Fact]
    public void One_that_does_not_stop_is_abandoned()
    {
        DispatchTask task = Send(1, new TaskOptions { Timeout = TimeSpan.FromSeconds(5) }).Single();
        TaskContext attempt = _runner.Run(_runner.Claim().Single());
        _clock.AdvanceSeconds(8);
        Assert.Equal([attempt], _runner.Abandoned);
        Assert.Equal(TaskState.TimedOut, task.State);
        _runner.Requeue(attempt);
        _runner.Complete(attempt);
        Assert.Equal((1, 0), (_dispatcher.Statistics.TimedOut, _dispatcher.Statistics.Running));
    }

    [Fact]
    public void It_ends_as_the_far_end_says()
    {
        Send(2);
        List<DispatchTask> tasks = _runner.Claim();
        _runner.Complete(_runner.Run(tasks[1]), new InvalidOperationException("no"));
        _runner.Complete(_runner.Run(tasks[0]));
        Assert.Equal([TaskState.Completed, TaskState.Failed], tasks.Select(task => task.State));
    }

    [Fact]
    public void One_that_is_returned_is_where_it_was()
    {
        DispatchTask[] tasks = Send(4);
        Assert.Equal(tasks.Take(3), _runner.Claim(3));
        _runner.Return(tasks[2]);
        _runner.Return(tasks[0]);
        Assert.Equal((TaskState.Pending, "Queued", 0), (tasks[0].State, tasks[0].PendingReason, tasks[0].Attempt));
        Assert.Null(tasks[0].ComputerName);
        Assert.Null(_runner.Start(tasks[0]));
        _runner.Return(tasks[0]);
        var other = new FakeRemoteRunner(_dispatcher, "b");
        Assert.Equal([tasks[0], tasks[2], tasks[3]], other.Claim());
        Assert.Null(_runner.Start(tasks[0]));
        _runner.Return(tasks[0]);
        Assert.Equal("sent to B, and not started there yet", tasks[0].PendingReason);
    }

    [Fact]
    public void A_priority_that_is_set_meanwhile_counts_when_it_is_returned()
    {
        DispatchTask[] tasks = Send(3);
        Assert.Equal(tasks.Take(2), _runner.Claim(2));
        tasks[1].Priority = 1;
        Assert.Equal("sent to A, and not started there yet", tasks[1].PendingReason);
        _runner.Return(tasks[0]);
        _runner.Return(tasks[1]);
        Assert.Equal([tasks[1], tasks[0], tasks[2]], _runner.Claim());
    }

    [Fact]
    public void Nobody_is_told_of_what_starts_nowhere()
    {
        DispatchTask task = Send(1).Single();
        _runner.Claim();
        _runner.Return(task);
        _runner.Claim();
        TaskContext attempt = _runner.Run(task);
        Assert.Equal((1, 1), (task.Attempt, attempt.Attempt));
    }

    [Fact]
    public void A_stop_recalls_it_and_it_ends_when_it_is_returned()
    {
        DispatchTask task = Send(1).Single();
        _runner.Claim();
        Assert.True(task.Stop());
        Assert.Equal(TaskState.Pending, task.State);
        Assert.Equal([task], _runner.Recalled);
        _runner.Return(task);
        Assert.Equal((TaskState.Stopped, 0), (task.State, task.Attempt));
        Assert.False(task.Stop());
    }

    [Fact]
    public void One_that_starts_before_the_recall_is_asked_to_stop_at_once()
    {
        DispatchTask task = Send(1, new TaskOptions { Retries = 3 }).Single();
        _runner.Claim();
        task.Stop();
        TaskContext attempt = _runner.Run(task);
        Assert.Equal([attempt], _runner.Stopped);
        _runner.Complete(attempt, new InvalidOperationException("stopped"));
        Assert.Equal(TaskState.Stopped, task.State);
    }

    [Fact]
    public void A_suspension_recalls_all_of_them()
    {
        DispatchTask[] tasks = Send(3);
        _runner.Claim(2);
        _dispatcher.Suspend();
        Assert.Equal(tasks.Take(2), _runner.Recalled);
        _runner.Return(tasks[0]);
        Assert.Equal("Suspended", tasks[0].PendingReason);
        Assert.Empty(_runner.Claim());
        int before = _runner.WakeCount;
        _dispatcher.Resume();
        Assert.Equal(before + 1, _runner.WakeCount);
        Assert.Equal([tasks[0], tasks[2]], _runner.Claim());
        Assert.Equal(2, _runner.Recalled.Count);
    }

    [Fact]
    public void A_stop_of_the_dispatcher_waits_until_they_are_back_and_keeps_them()
    {
        DispatchTask[] tasks = Send(3);
        _runner.Claim(2);
        PendingStop stop = _dispatcher.BeginQuit(drain: false);
        Assert.Equal(tasks.Take(2), _runner.Recalled);
        _runner.Return(tasks[0]);
        Assert.Equal(DispatcherStatus.Stopping, _dispatcher.Status);
        TaskContext attempt = _runner.Run(tasks[1]); // The far end was faster.
        Assert.False(stop.Wait(TimeSpan.Zero, default));
        _runner.Complete(attempt);
        Assert.True(stop.Wait(TimeSpan.Zero, default));
        Assert.Equal((2, 1), (_dispatcher.Statistics.Pending, _dispatcher.Statistics.Completed));
        Assert.Empty(_runner.Claim());
        int before = _runner.WakeCount;
        _dispatcher.Run();
        Assert.Equal(before + 1, _runner.WakeCount);
        Assert.Equal([tasks[0], tasks[2]], _runner.Claim());
    }

    [Fact]
    public void A_drain_waits_for_them()
    {
        DispatchTask task = Send(1).Single();
        _runner.Claim();
        PendingStop stop = _dispatcher.BeginQuit(drain: true);
        Assert.Equal((DispatcherStatus.Draining, 0), (_dispatcher.Status, _runner.Recalled.Count));
        _runner.Return(task);
        Assert.Equal([task], _runner.Claim());
        _runner.Complete(_runner.Run(task));
        Assert.True(stop.Wait(TimeSpan.Zero, default));
    }

    [Fact]
    public void A_halt_recalls_them_and_they_end_as_stopped()
    {
        _dispatcher.MaxFailures = FailureLimit.OfCount(1);
        DispatchTask[] tasks = Send(4);
        _runner.Claim(3);
        _runner.Complete(_runner.Run(tasks[0]), new InvalidOperationException("no"));
        Assert.Equal([TaskState.Failed, TaskState.Pending, TaskState.Pending, TaskState.Stopped], tasks.Select(task => task.State));
        Assert.Equal([tasks[1], tasks[2]], _runner.Recalled);
        _runner.Return(tasks[1]);
        Assert.Equal((TaskState.Stopped, 2), (tasks[1].State, _dispatcher.HaltReason?.StoppedCount));
        _dispatcher.Resume();
        TaskContext late = _runner.Run(tasks[2]);
        Assert.Equal([late], _runner.Stopped);
        _runner.Complete(late);
        Assert.Equal(TaskState.Stopped, tasks[2].State);
    }

    [Fact]
    public void The_end_of_the_dispatcher_ends_them_at_once()
    {
        DispatchTask[] tasks = Send(3);
        _runner.Claim(2);
        _dispatcher.Dispose();
        Assert.All(tasks, task => Assert.Equal(TaskState.Stopped, task.State));
        Assert.Null(_runner.Start(tasks[0]));
        _runner.Return(tasks[1]);
        Assert.Equal((3, DispatcherStatus.Stopped), (_dispatcher.Statistics.Stopped, _dispatcher.Status));
    }

    [Fact]
    public void A_runner_that_leaves_gives_back_what_it_has_not_started()
    {
        DispatchTask[] tasks = Send(4);
        _runner.Claim(3);
        TaskContext attempt = _runner.Run(tasks[0]);
        tasks[2].Stop();
        _runner.Leave();
        Assert.Equal([TaskState.Running, TaskState.Pending, TaskState.Stopped, TaskState.Pending], tasks.Select(task => task.State));
        Assert.Empty(_runner.Claim());
        _runner.Requeue(attempt);
        var other = new FakeRemoteRunner(_dispatcher);
        Assert.Equal([tasks[1], tasks[3], tasks[0]], other.Claim());
    }

    [Fact]
    public void A_claim_is_an_open_start_for_the_rate()
    {
        _dispatcher.RateLimit = new Rate(2, TimeSpan.FromSeconds(1));
        DispatchTask[] tasks = Send(4);
        Assert.Equal(tasks.Take(2), _runner.Claim());
        _clock.AdvanceSeconds(10);
        Assert.Empty(_runner.Claim());
        Assert.Equal("Rate", tasks[2].PendingReason);
        int before = _runner.WakeCount;
        _runner.Return(tasks[1]);
        Assert.Equal(before + 1, _runner.WakeCount);
        Assert.Equal([tasks[1]], _runner.Claim());
        _runner.Run(tasks[0]);
        Assert.Empty(_runner.Claim());
        _clock.AdvanceSeconds(1);
        Assert.Equal(before + 2, _runner.WakeCount);
        Assert.Equal([tasks[2]], _runner.Claim());
    }

    [Fact]
    public void A_rate_that_is_set_later_counts_those_that_were_sent()
    {
        DispatchTask[] tasks = Send(4);
        _runner.Claim(2);
        _dispatcher.RateLimit = new Rate(2, TimeSpan.FromSeconds(1));
        Assert.Empty(_runner.Claim());
        _runner.Run(tasks[0]);
        _runner.Run(tasks[1]);
        Assert.Empty(_runner.Claim());
        _clock.AdvanceSeconds(1);
        Assert.Equal(tasks.Skip(2), _runner.Claim());
    }

    [Fact]
    public void It_holds_the_place_in_its_group_until_it_ends_or_is_returned()
    {
        _dispatcher.GroupLimit = new GroupLimit(1);
        DispatchTask[] tasks = Send(3, new TaskOptions { Group = "g" });
        Assert.Equal([tasks[0]], _runner.Claim());
        Assert.Equal("Group", tasks[1].PendingReason);
        _runner.Return(tasks[0]);
        Assert.Equal([tasks[0]], _runner.Claim());
        tasks[0].Stop();
        _runner.Return(tasks[0]);
        Assert.Equal([tasks[1]], _runner.Claim());
        tasks[2].Priority = 1;
        _runner.Return(tasks[1]);
        Assert.Equal([tasks[2]], _runner.Claim());
        _runner.Complete(_runner.Run(tasks[2]));
        Assert.Equal([tasks[1]], _runner.Claim());
    }

    [Fact]
    public void A_limit_that_is_set_meanwhile_counts_what_was_sent()
    {
        DispatchTask[] tasks = Send(5, new TaskOptions { Group = "g" });
        Assert.Equal(tasks.Take(2), _runner.Claim(2));
        _dispatcher.GroupLimit = new GroupLimit(3);
        Assert.Equal([tasks[2]], _runner.Claim());
        _dispatcher.GroupLimit = new GroupLimit(1);
        _runner.Return(tasks[2]);
        _runner.Complete(_runner.Run(tasks[0]));
        Assert.Empty(_runner.Claim());
        _runner.Return(tasks[1]);
        Assert.Equal([tasks[1]], _runner.Claim());
        _dispatcher.GroupLimit = null;
        Assert.Equal(tasks.Skip(2), _runner.Claim());
        _runner.Return(tasks[1]);
        Assert.Equal([tasks[1]], _runner.Claim());
    }

    [Fact]
    public void Each_runner_that_waits_gets_its_share()
    {
        FakeRemoteRunner[] runners = [.. new[] { "a", "b", "c" }.Select(host => new FakeRemoteRunner(_dispatcher, host))];
        Assert.All(runners, runner => Assert.Empty(runner.Claim()));
        Send(5);
        var counts = new int[3];
        int[] seen = new int[3];
        for (int turn = 0; turn < 20; turn++)
        {
            for (int i = 0; i < 3; i++)
            {
                if (runners[i].WakeCount > seen[i])
                {
                    seen[i] = runners[i].WakeCount;
                    counts[i] += runners[i].Claim().Count;
                }
            }
        }

        Assert.Equal(5, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 1, 3));
    }

    [Fact]
    public void A_runner_that_leaves_before_it_claims_passes_its_wake_on()
    {
        var second = new FakeRemoteRunner(_dispatcher, "b");
        Assert.Empty(_runner.Claim());
        Assert.Empty(second.Claim());
        DispatchTask task = Send(1).Single();
        Assert.Equal((1, 0), (_runner.WakeCount, second.WakeCount));
        _runner.Leave();
        Assert.Equal(1, second.WakeCount);
        Assert.Equal([task], second.Claim());
    }

    [Fact]
    public void A_runner_that_has_no_room_after_all_passes_its_wake_on()
    {
        var second = new FakeRemoteRunner(_dispatcher, "b");
        Assert.Empty(_runner.Claim());
        Assert.Empty(second.Claim());
        Send(1);
        Assert.Empty(_runner.Claim(0));
        Assert.Equal(1, second.WakeCount);
    }

    private DispatchTask[] Send(int count, TaskOptions? options = null)
    {
        DispatchTask[] tasks = [.. Enumerable.Range(0, count).Select(_ => Body.Nothing(options))];
        Array.ForEach(tasks, task => _dispatcher.Dispatch(task));
        return tasks;
    }
}
