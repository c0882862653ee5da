using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

public sealed class TimeoutTests : IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);

    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;

    public TimeoutTests()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 2, Clock = _clock });
        _dispatcher.Run();
    }

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_task_that_sets_no_limit_has_10_seconds()
    {
        using Blocker blocker = Blocker.On(_dispatcher);
        Assert.Equal(TimeSpan.FromSeconds(10), blocker.Task.Timeout);

        _clock.Advance(TimeSpan.FromSeconds(10) - s_tick);
        Assert.False(blocker.Context!.IsStopRequested);
        Assert.False(blocker.Context.CancellationToken.IsCancellationRequested);

        _clock.Advance(s_tick);
        Assert.True(blocker.Context.IsStopRequested);
        Bounded.Wait(blocker.Context.CancellationToken.WaitHandle, "the token");
        Assert.Equal(TaskState.Running, blocker.Task.State);
    }

    [Fact]
    public void A_task_that_does_not_stop_in_its_grace_is_timed_out_then()
    {
        using Blocker blocker = Blocker.On(_dispatcher);
        _clock.AdvanceSeconds(10);

        _clock.Advance(TimeSpan.FromSeconds(2) - s_tick);
        Assert.Equal(TaskState.Running, blocker.Task.State);
        _clock.Advance(s_tick);

        Assert.Equal(TaskState.TimedOut, blocker.Task.State);
        Assert.Equal(TimeSpan.FromSeconds(12), blocker.Task.Duration);
    }

    [Fact]
    public void A_task_has_its_own_limit_and_the_dispatcher_its_own_grace()
    {
        _dispatcher.StopGrace = TimeSpan.FromSeconds(7);
        using Blocker blocker = Blocker.On(_dispatcher, new TaskOptions { Timeout = TimeSpan.FromMinutes(1) });

        _clock.Advance(TimeSpan.FromMinutes(1) - s_tick);
        Assert.False(blocker.Context!.IsStopRequested);
        _clock.Advance(s_tick);
        Assert.True(blocker.Context.IsStopRequested);
        _clock.Advance(TimeSpan.FromSeconds(7) - s_tick);
        Assert.Equal(TaskState.Running, blocker.Task.State);
        _clock.Advance(s_tick);
        Assert.Equal(TaskState.TimedOut, blocker.Task.State);
    }

    [Fact]
    public void Without_a_limit_a_task_runs_on()
    {
        using Blocker own = Blocker.On(_dispatcher, new TaskOptions { Timeout = Timeout.InfiniteTimeSpan });
        _dispatcher.TaskTimeout = Timeout.InfiniteTimeSpan;
        using Blocker inherited = Blocker.On(_dispatcher);

        _clock.Advance(TimeSpan.FromDays(10_000));

        Assert.False(own.Context!.IsStopRequested);
        Assert.False(inherited.Context!.IsStopRequested);
        own.Release();
        Assert.Equal(TaskState.Completed, Bounded.End(own.Task));
    }

    [Fact]
    public void The_limit_counts_from_the_start_and_not_from_the_sending()
    {
        _dispatcher.SetWorkers(1, 1);
        using Blocker first = Blocker.On(_dispatcher, new TaskOptions { Timeout = Timeout.InfiniteTimeSpan });
        using var second = new Blocker();
        _dispatcher.Dispatch(second.Task);
        _clock.AdvanceSeconds(100);
        Assert.Equal(TaskState.Pending, second.Task.State);
        first.Release();
        second.WaitUntilStarted();

        _clock.Advance(TimeSpan.FromSeconds(10) - s_tick);
        Assert.False(second.Context!.IsStopRequested);
        _clock.Advance(s_tick);
        Assert.True(second.Context.IsStopRequested);
        Assert.Equal(TimeSpan.FromSeconds(100), second.Task.WaitTime);
    }

    [Fact]
    public void A_changed_limit_holds_from_the_next_start()
    {
        using Blocker before = Blocker.On(_dispatcher);
        _dispatcher.TaskTimeout = TimeSpan.FromSeconds(1);
        using Blocker after = Blocker.On(_dispatcher);

        _clock.AdvanceSeconds(1);

        Assert.True(after.Context!.IsStopRequested);
        Assert.False(before.Context!.IsStopRequested);
        Assert.Equal(TimeSpan.FromSeconds(10), before.Task.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(1), after.Task.Timeout);
    }

    [Fact]
    public void Limits_of_many_tasks_are_kept_each_at_its_time()
    {
        _dispatcher.SetWorkers(5, 5);
        int[] limits = [9, 3, 7, 1, 5];
        List<Blocker> blockers = [.. limits.Select(limit => Blocker.On(_dispatcher, new TaskOptions { Timeout = TimeSpan.FromSeconds(limit) }))];

        for (int second = 1; second <= 9; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1) - s_tick);
            Assert.Equal(limits.Select(limit => limit < second), blockers.Select(blocker => blocker.Context!.IsStopRequested));
            _clock.Advance(s_tick);
            Assert.Equal(limits.Select(limit => limit <= second), blockers.Select(blocker => blocker.Context!.IsStopRequested));
        }

        blockers.ForEach(blocker => blocker.Release());
    }

    [Fact]
    public void A_task_that_listens_to_its_token_ends_in_its_grace_and_keeps_its_worker()
    {
        _dispatcher.SetWorkers(1, 1);
        using var started = new Gate("the task to start");
        DispatchTask task = Body.Task(context =>
        {
            started.Open();
            Bounded.Wait(context.CancellationToken.WaitHandle, "the request to stop");
            context.Write(RecordKind.Output, "cleaned up");
            context.CancellationToken.ThrowIfCancellationRequested();
        });
        _dispatcher.Dispatch(task);
        started.Wait();

        _clock.AdvanceSeconds(10);

        Assert.Equal(TaskState.TimedOut, Bounded.End(task));
        Assert.Equal("cleaned up", task.GetRecords()[0].Value);
        Assert.IsType<TaskTimeoutException>(task.Exception);
        DispatchTask next = Body.Nothing();
        _dispatcher.Dispatch(next);
        Assert.Equal(TaskState.Completed, Bounded.End(next));
        Assert.Equal(task.Worker, next.Worker);
    }

    [Fact]
    public void A_task_that_returns_in_its_grace_is_timed_out_all_the_same()
    {
        using Blocker blocker = Blocker.On(_dispatcher);
        _clock.AdvanceSeconds(10);

        blocker.Release();

        Assert.Equal(TaskState.TimedOut, Bounded.End(blocker.Task));
        Assert.Equal(1, _dispatcher.Statistics.TimedOut);
        Assert.Equal(0, _dispatcher.Statistics.Completed);
    }

    [Fact]
    public void A_token_that_is_asked_for_after_the_limit_is_cancelled_already()
    {
        using var late = new Gate("the limit to pass");
        using var started = new Gate("the task to start");
        bool wasCancelled = false;
        DispatchTask task = Body.Task(context =>
        {
            started.Open();
            late.Wait();
            wasCancelled = context.CancellationToken.IsCancellationRequested;
        });
        _dispatcher.Dispatch(task);
        started.Wait();
        _clock.AdvanceSeconds(10);

        late.Open();

        Bounded.End(task);
        Assert.True(wasCancelled);
    }

    [Fact]
    public void The_error_names_task_limit_and_input()
    {
        using var started = new Gate("the task to start");
        DispatchTask task = Body.Task(
            context =>
            {
                started.Open();
                Bounded.Wait(context.CancellationToken.WaitHandle, "the request to stop");
            },
            new TaskOptions { Name = "copy", Timeout = TimeSpan.FromSeconds(1.5) },
            input: "/srv/file.bin");
        _dispatcher.Dispatch(task);
        started.Wait();

        _clock.AdvanceSeconds(1.5);
        Bounded.End(task);

        TaskTimeoutException error = Assert.IsType<TaskTimeoutException>(task.Exception);
        Assert.IsAssignableFrom<TimeoutException>(error);
        Assert.Equal("copy", error.TaskName);
        Assert.Equal(task.Id, error.TaskId);
        Assert.Equal(TimeSpan.FromSeconds(1.5), error.Limit);
        Assert.Equal("/srv/file.bin", error.InputObject);
        Assert.Contains("'copy'", error.Message, StringComparison.Ordinal);
        Assert.Contains("1.5 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("/srv/file.bin", error.Message, StringComparison.Ordinal);
        Assert.True(task.HadErrors);
        Assert.Equal(new TaskRecord(RecordKind.Error, error), task.GetRecords()[^1]);
    }

    [Fact]
    public void An_input_that_cannot_be_shown_or_is_long_does_not_spoil_the_error()
    {
        using Blocker first = Blocker.On(_dispatcher);
        DispatchTask spiteful = Body.Task(context => Bounded.Wait(context.CancellationToken.WaitHandle, "the stop"), input: new Spiteful());
        DispatchTask longWinded = Body.Task(context => Bounded.Wait(context.CancellationToken.WaitHandle, "the stop"), input: new string('x', 10_000));
        _dispatcher.SetWorkers(3, 3);
        _dispatcher.Dispatch(spiteful);
        _dispatcher.Dispatch(longWinded);
        Bounded.Until(() => _dispatcher.Statistics.Running == 3, "all to run");

        _clock.AdvanceSeconds(10);

        Bounded.End([spiteful, longWinded]);
        Assert.Contains("cannot be shown", spiteful.Exception!.Message, StringComparison.Ordinal);
        Assert.InRange(longWinded.Exception!.Message.Length, 80, 300);
    }

    [Fact]
    public void What_an_abandoned_attempt_writes_later_is_dropped()
    {
        using var letGo = new Gate("the abandoned task to be let go");
        using var started = new Gate("the task to start");
        using var wrote = new Gate("the late output");
        bool accepted = true;
        DispatchTask task = Body.Task(context =>
        {
            context.Write(RecordKind.Output, "early");
            started.Open();
            letGo.WaitThroughInterrupts();
            accepted = context.Write(RecordKind.Output, "late");
            context.SetExitCode(7);
            wrote.Open();
        });
        _dispatcher.Dispatch(task);
        started.Wait();
        _clock.AdvanceSeconds(12);
        Assert.Equal(TaskState.TimedOut, task.State);
        TaskRecord[] atTheEnd = task.GetRecords();

        letGo.Open();
        wrote.Wait();

        Assert.False(accepted);
        Assert.Equal(atTheEnd, task.GetRecords());
        Assert.Equal([RecordKind.Output, RecordKind.Error], atTheEnd.Select(record => record.Kind));
        Assert.Null(task.ExitCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Stuck_workers_are_replaced_so_that_the_pool_has_its_full_strength(int minWorkers)
    {
        _dispatcher.SetWorkers(minWorkers, 3);
        using var letGo = new Gate("the stuck tasks to be let go");
        int started = 0;
        DispatchTask[] stuck = [.. Enumerable.Range(0, 3).Select(_ => Body.Task(_ =>
        {
            Interlocked.Increment(ref started);
            letGo.WaitThroughInterrupts();
        }))];
        Array.ForEach(stuck, task => _dispatcher.Dispatch(task));
        Bounded.Until(() => Volatile.Read(ref started) == 3, "all workers to be stuck");
        DispatchTask waiting = Body.Nothing();
        _dispatcher.Dispatch(waiting);

        _clock.AdvanceSeconds(12);

        Assert.All(stuck, task => Assert.Equal(TaskState.TimedOut, task.State));
        Assert.Equal(3, _dispatcher.WorkerCount);
        Assert.Equal(TaskState.Completed, Bounded.End(waiting));
        Blocker.CheckStrength(_dispatcher, 3);
        Assert.Equal(3, _dispatcher.WorkerCount);
        letGo.Open();
        Bounded.Quit(_dispatcher, drain: true);
        Assert.Equal(3, _dispatcher.Statistics.TimedOut);
    }

    [Fact]
    public void A_stuck_task_holds_up_neither_a_stop_nor_a_drain_beyond_its_grace()
    {
        using Blocker blocker = Blocker.On(_dispatcher);
        _dispatcher.Quit(drain: true, TimeSpan.Zero);

        _clock.AdvanceSeconds(12);

        Bounded.Quit(_dispatcher, drain: true);
        Assert.Equal(TaskState.TimedOut, blocker.Task.State);
        _dispatcher.Run();
        using Blocker second = Blocker.On(_dispatcher);
        _dispatcher.Quit(drain: false, TimeSpan.Zero);
        _clock.AdvanceSeconds(12);
        Bounded.Quit(_dispatcher, drain: false);
        Assert.Equal(TaskState.TimedOut, second.Task.State);
        Assert.Equal(0, _dispatcher.WorkerCount);
    }

    [Fact]
    public void A_callback_on_the_token_that_blocks_does_not_delay_the_limits_of_others()
    {
        using var unblocked = new Gate("the callback to be unblocked");
        using var entered = new Gate("the callback to be entered");
        using var started = new Gate("the first task to start");
        DispatchTask blocking = Body.Task(context =>
        {
            using CancellationTokenRegistration registration = context.CancellationToken.Register(() =>
            {
                entered.Open();
                unblocked.Wait();
            });
            started.Open();
            unblocked.Wait();
        });
        _dispatcher.Dispatch(blocking);
        started.Wait();
        using Blocker other = Blocker.On(_dispatcher);

        Bounded.Do(() => _clock.AdvanceSeconds(10), "the alarm to ring through");

        entered.Wait();
        Assert.True(other.Context!.IsStopRequested);
        Bounded.Do(() => _clock.AdvanceSeconds(2), "the alarm to ring through");
        Assert.Equal(TaskState.TimedOut, other.Task.State);
        Assert.Equal(TaskState.TimedOut, blocking.State);
    }

    [Fact]
    public void A_callback_on_the_token_that_throws_is_no_harm()
    {
        using var started = new Gate("the task to start");
        DispatchTask task = Body.Task(context =>
        {
            using CancellationTokenRegistration registration = context.CancellationToken.Register(() => throw new InvalidOperationException("callback"));
            started.Open();
            Bounded.Wait(context.CancellationToken.WaitHandle, "the stop");
        });
        _dispatcher.Dispatch(task);
        started.Wait();

        _clock.AdvanceSeconds(10);

        Assert.Equal(TaskState.TimedOut, Bounded.End(task));
        Blocker.CheckStrength(_dispatcher, 2);
    }

    [Fact]
    public void Without_grace_a_stuck_task_is_given_up_at_its_limit()
    {
        _dispatcher.StopGrace = TimeSpan.Zero;
        using Blocker blocker = Blocker.On(_dispatcher);

        _clock.AdvanceSeconds(10);

        Assert.Equal(TaskState.TimedOut, blocker.Task.State);
        Blocker.CheckStrength(_dispatcher, 2);
    }

    [Fact]
    public void A_task_that_ends_in_time_is_left_alone()
    {
        using Blocker blocker = Blocker.On(_dispatcher);
        TaskContext context = blocker.Context!;
        _clock.AdvanceSeconds(9.9);
        blocker.Release();
        Assert.Equal(TaskState.Completed, Bounded.End(blocker.Task));

        _clock.AdvanceSeconds(100);

        Assert.Equal(TaskState.Completed, blocker.Task.State);
        Assert.False(context.IsStopRequested);
        Assert.False(context.CancellationToken.IsCancellationRequested);
    }

    [Fact]
    public void Times_are_those_of_the_clock()
    {
        _dispatcher.SetWorkers(1, 1);
        DateTimeOffset origin = _clock.ToDateTime(_clock.GetTimestamp());
        using Blocker first = Blocker.On(_dispatcher);
        using var second = new Blocker();
        _dispatcher.Dispatch(second.Task);
        Assert.Null(second.Task.StartedAt);
        _clock.AdvanceSeconds(1);
        Assert.Equal(TimeSpan.FromSeconds(1), second.Task.WaitTime);
        first.Release();
        second.WaitUntilStarted();
        _clock.AdvanceSeconds(4);
        Assert.Equal(TimeSpan.FromSeconds(4), second.Task.Duration);
        Assert.Null(second.Task.EndedAt);
        second.Release();
        Bounded.End(second.Task);
        _clock.AdvanceSeconds(100);

        Assert.Equal(origin, second.Task.QueuedAt);
        Assert.Equal(origin.AddSeconds(1), second.Task.StartedAt);
        Assert.Equal(origin.AddSeconds(5), second.Task.EndedAt);
        Assert.Equal(TimeSpan.FromSeconds(1), second.Task.WaitTime);
        Assert.Equal(TimeSpan.FromSeconds(4), second.Task.Duration);
    }

    private sealed class Spiteful
    {
        public override string ToString() => throw new InvalidOperationException("cannot be shown");
    }
}
