using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Retry;

public sealed class RetryTests : IDisposable
{
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(3);

    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;

    public RetryTests()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, Clock = _clock });
        _dispatcher.Run();
    }

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_failed_task_is_tried_again_until_its_retries_are_used_up()
    {
        var attempts = new List<int>();
        DispatchTask task = Body.Task(
            context =>
            {
                attempts.Add(context.Attempt);
                throw new InvalidOperationException("attempt " + context.Attempt);
            },
            new TaskOptions { Retries = 3 });

        _dispatcher.Dispatch(task);

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Equal([1, 2, 3, 4], attempts);
        Assert.Equal(4, task.Attempt);
        Assert.Equal("attempt 4", task.Exception?.Message);
        Assert.Equal(1, _dispatcher.Statistics.Sent);
        Assert.Equal(1, _dispatcher.Statistics.Failed);
        RetryNotice[] notices = [.. task.GetRecords().Where(record => record.Kind == RecordKind.Warning).Select(record => (RetryNotice)record.Value!)];
        Assert.Equal([1, 2, 3], notices.Select(notice => notice.Attempt));
        Assert.All(notices, notice => Assert.Equal(4, notice.MaxAttempts));
        Assert.Single(task.GetRecords(), record => record.Kind == RecordKind.Error);
    }

    [Fact]
    public void The_first_attempt_that_succeeds_is_the_last()
    {
        DispatchTask task = Body.Task(
            context =>
            {
                context.Write(RecordKind.Output, context.Attempt);
                if (context.Attempt < 3)
                {
                    throw new InvalidOperationException("again");
                }
            },
            new TaskOptions { Retries = 10 });

        _dispatcher.Dispatch(task);

        Assert.Equal(TaskState.Completed, Bounded.End(task));
        Assert.Equal(3, task.Attempt);
        Assert.Null(task.Exception);
        Assert.Equal([3], task.GetRecords().Where(record => record.Kind == RecordKind.Output).Select(record => record.Value));
    }

    [Fact]
    public void Without_retries_there_is_one_attempt()
    {
        DispatchTask task = Body.Task(_ => throw new InvalidOperationException("no"));

        _dispatcher.Dispatch(task);

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Equal(1, task.Attempt);
    }

    [Fact]
    public void A_task_that_waits_for_its_retry_is_pending_and_holds_no_worker()
    {
        DispatchTask task = SendFailing(retries: 1);

        Blocker.CheckStrength(_dispatcher, 1);
        Assert.Equal(TaskState.Pending, task.State);
        Assert.Equal(1, _dispatcher.Statistics.Pending);
        Assert.Equal("attempt 1", task.Exception?.Message);
        _clock.Advance(s_delay - TimeSpan.FromTicks(1));
        Assert.Equal(TaskState.Pending, task.State);
        Assert.Equal(1, task.Attempt);

        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Equal(2, task.Attempt);
    }

    [Fact]
    public void A_drain_waits_for_a_retry()
    {
        DispatchTask task = SendFailing(retries: 1);

        Assert.False(_dispatcher.Quit(drain: true, TimeSpan.Zero));
        Assert.Equal(DispatcherStatus.Draining, _dispatcher.Status);
        _clock.Advance(s_delay);

        Bounded.Quit(_dispatcher, drain: true);
        Assert.Equal(TaskState.Failed, task.State);
        Assert.Equal(2, task.Attempt);
    }

    [Fact]
    public void A_stop_keeps_a_retry_for_the_next_run()
    {
        DispatchTask task = SendFailing(retries: 1);
        Bounded.Quit(_dispatcher, drain: false);
        _clock.Advance(s_delay + s_delay);
        Assert.Equal(TaskState.Pending, task.State);

        _dispatcher.Run();
        _clock.Advance(TimeSpan.Zero);

        Assert.Equal(TaskState.Failed, Bounded.End(task));
    }

    [Fact]
    public void Retries_come_back_in_the_order_they_are_due()
    {
        var order = new List<string>();
        DispatchTask Failing(string name, int seconds) => Body.Task(
            context =>
            {
                if (context.Attempt == 1)
                {
                    throw new InvalidOperationException("again");
                }

                order.Add(context.Task.Name);
            },
            new TaskOptions { Name = name, Retries = 1, RetryDelay = TimeSpan.FromSeconds(seconds) });
        DispatchTask[] tasks = [Failing("late", 3), Failing("early", 1), Failing("middle", 2)];
        Array.ForEach(tasks, task => _dispatcher.Dispatch(task));
        Bounded.Until(() => _dispatcher.IdleWorkerCount == 1, "the first attempts");

        _clock.AdvanceSeconds(5);

        Bounded.End(tasks);
        Assert.Equal(["early", "middle", "late"], order);
    }

    [Fact]
    public void A_timed_out_task_is_tried_again_and_each_attempt_has_the_full_limit()
    {
        var started = new ManualResetEventSlim[] { new(), new() };
        DispatchTask task = Body.Task(
            context =>
            {
                started[context.Attempt - 1].Set();
                Bounded.Wait(context.CancellationToken.WaitHandle, "the request to stop");
            },
            new TaskOptions { Retries = 1, Timeout = TimeSpan.FromSeconds(5), RetryDelay = s_delay });
        _dispatcher.Dispatch(task);
        Bounded.Wait(started[0], "the first attempt");
        _clock.AdvanceSeconds(5);
        Bounded.Until(() => task.State == TaskState.Pending, "the end of the first attempt");
        Assert.IsType<TaskTimeoutException>(task.Exception);

        _clock.Advance(s_delay);
        Bounded.Wait(started[1], "the second attempt");
        _clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.Equal(TaskState.Running, task.State);
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(TaskState.TimedOut, Bounded.End(task));
        Assert.Equal(2, task.Attempt);
        Assert.Equal(1, _dispatcher.Statistics.TimedOut);
    }

    [Fact]
    public void A_stopped_task_is_not_tried_again()
    {
        using var blocker = new Gate("the task to start");
        DispatchTask task = Body.Task(
            context =>
            {
                blocker.Open();
                Bounded.Wait(context.CancellationToken.WaitHandle, "the request to stop");
                throw new OperationCanceledException();
            },
            new TaskOptions { Retries = 5 });
        _dispatcher.Dispatch(task);
        blocker.Wait();

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Assert.Equal(1, task.Attempt);
    }

    [Fact]
    public void A_task_that_waits_for_its_retry_is_stopped_at_once()
    {
        DispatchTask task = SendFailing(retries: 5);

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, task.State);
        _clock.Advance(s_delay);
        Bounded.Quit(_dispatcher, drain: true);
        Assert.Equal(1, task.Attempt);
    }

    [Fact]
    public void A_task_that_is_stopped_in_the_grace_of_its_limit_is_not_tried_again()
    {
        using var blocker = new Blocker(new TaskOptions { Retries = 5 });
        _dispatcher.Dispatch(blocker.Task);
        blocker.WaitUntilStarted();
        _clock.Advance(_dispatcher.TaskTimeout);
        Assert.Equal(TaskState.Running, blocker.Task.State);

        Assert.True(blocker.Task.Stop());
        blocker.Release();

        Bounded.Quit(_dispatcher, drain: true);
        Assert.True(blocker.Task.IsEnded);
        Assert.Equal(1, blocker.Task.Attempt);
    }

    [Fact]
    public void Running_tasks_that_are_all_stopped_in_the_grace_of_their_limit_are_not_tried_again()
    {
        using var blocker = new Blocker(new TaskOptions { Retries = 5 });
        _dispatcher.Dispatch(blocker.Task);
        blocker.WaitUntilStarted();
        _clock.Advance(_dispatcher.TaskTimeout);

        _dispatcher.StopRunningTasks();
        blocker.Release();

        Bounded.Quit(_dispatcher, drain: true);
        Assert.Equal(1, blocker.Task.Attempt);
    }

    [Fact]
    public void A_retry_finds_room_in_a_full_queue()
    {
        _dispatcher.QueueSize = 1;
        DispatchTask task = SendFailing(retries: 1);
        using Blocker running = Blocker.On(_dispatcher);
        DispatchTask queued = Body.Nothing();
        Assert.True(_dispatcher.Dispatch(queued));

        _clock.Advance(s_delay);

        Assert.False(_dispatcher.Dispatch(Body.Nothing()));
        running.Release();
        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Equal(TaskState.Completed, Bounded.End(queued));
    }

    [Fact]
    public void An_abandoned_attempt_is_retried_on_a_fresh_worker()
    {
        using var stuck = new Gate("the first attempt to be let go");
        using var started = new Gate("the first attempt");
        DispatchTask task = Body.Task(
            context =>
            {
                if (context.Attempt == 1)
                {
                    started.Open();
                    stuck.WaitThroughInterrupts();
                    context.Write(RecordKind.Output, "late");
                    context.SetExitCode(99);
                }
            },
            new TaskOptions { Retries = 1 });
        _dispatcher.Dispatch(task);
        started.Wait();
        int? firstWorker = task.Worker;
        _clock.Advance(_dispatcher.TaskTimeout);

        _clock.Advance(_dispatcher.StopGrace);

        Assert.Equal(TaskState.Completed, Bounded.End(task));
        stuck.Open();
        Assert.NotEqual(firstWorker, task.Worker);
        Assert.Equal(2, task.Attempt);
        Bounded.Quit(_dispatcher, drain: true);
        Assert.DoesNotContain(task.GetRecords(), record => record.Kind == RecordKind.Output);
        Assert.Null(task.ExitCode);
    }

    private DispatchTask SendFailing(int retries)
    {
        DispatchTask task = Body.Task(
            context => throw new InvalidOperationException("attempt " + context.Attempt),
            new TaskOptions { Retries = retries, RetryDelay = s_delay });
        _dispatcher.Dispatch(task);
        Bounded.Until(() => task.Exception is not null && task.State == TaskState.Pending, "the first attempt to fail");
        return task;
    }
}
