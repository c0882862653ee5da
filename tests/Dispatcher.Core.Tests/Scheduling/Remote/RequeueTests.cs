using System;
using System.Collections.Generic;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Remote;

/// <summary>What becomes of a task whose host was lost while it ran.</summary>
public sealed class RequeueTests : IDisposable
{
    private readonly Dispatcher _dispatcher;
    private readonly FakeRemoteRunner _runner;

    public RequeueTests()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions { Clock = new FakeClock(), HasNoWorkers = true });
        _dispatcher.Run();
        _runner = new FakeRemoteRunner(_dispatcher);
    }

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void It_runs_again_after_what_was_sent_before_and_uses_up_no_retry()
    {
        DispatchTask task = Send(new TaskOptions { Retries = 1, RetryDelay = TimeSpan.FromHours(1) });
        TaskContext attempt = Run(task);
        DispatchTask other = Send();
        _runner.Requeue(attempt);
        Assert.Equal((TaskState.Pending, "Queued", 1), (task.State, task.PendingReason, task.Attempt));
        Assert.IsType<TimeoutException>(task.Exception);
        Assert.Equal([other, task], _runner.Claim());
        attempt = _runner.Run(task);
        Assert.Equal((2, true, 1), (attempt.Attempt, attempt.HoldsOutput, task.RequeueCount));
        _runner.Complete(attempt, new InvalidOperationException("no"));
        Assert.Equal("Retry", task.PendingReason);
        RetryNotice notice = task.GetRecords().Select(record => record.Value).OfType<RetryNotice>().Single();
        Assert.Equal((2, 3), (notice.Attempt, notice.MaxAttempts));
    }

    [Fact]
    public void One_whose_host_is_lost_again_and_again_before_it_begins_counts_as_one_that_ran()
    {
        DispatchTask task = Send();
        RemoteHandout remote = _dispatcher.Scheduler.Remote;
        Assert.False(remote.IsLostTooOften(_runner, task)); // It is not sent.
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal([task], _runner.Claim());
            Assert.Equal(i == 2, remote.IsLostTooOften(_runner, task));
            _runner.Return(task);
        }

        Assert.Equal((TaskState.Pending, 0), (task.State, task.Attempt));
    }

    [Fact]
    public void It_completes_without_an_error_of_its_own()
    {
        DispatchTask task = Send();
        _runner.Requeue(Run(task));
        TaskContext attempt = Run(task);
        attempt.Write(RecordKind.Output, 1);
        _runner.Complete(attempt);
        Assert.Equal((TaskState.Completed, false), (task.State, task.HadErrors));
        Assert.Null(task.Exception);
        Assert.Equal([1], task.GetRecords().Select(record => record.Value));
    }

    [Fact]
    public void It_fails_by_the_reason_when_that_has_happened_too_often()
    {
        DispatchTask task = Send();
        for (int i = 0; i <= RemoteHandout.MaxRequeues; i++)
        {
            Assert.Equal(TaskState.Pending, task.State);
            _runner.Requeue(Run(task));
        }

        Assert.Equal((TaskState.Failed, 3), (task.State, task.Attempt));
        Assert.IsType<TimeoutException>(task.Exception);
    }

    [Fact]
    public void After_that_it_still_has_its_retries()
    {
        DispatchTask task = Send(new TaskOptions { Retries = 1 });
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(TaskState.Pending, task.State);
            _runner.Requeue(Run(task));
        }

        Assert.Equal((TaskState.Failed, 4), (task.State, task.Attempt));
    }

    [Fact]
    public void Output_that_was_passed_on_stays_and_a_warning_says_that_it_runs_again()
    {
        DispatchTask task = Send();
        TaskContext attempt = Run(task);
        attempt.Write(RecordKind.Output, 1);
        _runner.Requeue(attempt);
        Assert.False(attempt.Write(RecordKind.Output, 2));
        attempt = Run(task);
        attempt.Write(RecordKind.Output, 1);
        _runner.Complete(attempt);
        TaskRecord[] records = task.GetRecords();
        Assert.Equal([RecordKind.Output, RecordKind.Warning, RecordKind.Output], records.Select(record => record.Kind));
        Assert.Contains("runs again", records[1].Value!.ToString(), StringComparison.Ordinal);
        Assert.Contains("lost", records[1].Value!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Output_that_was_held_is_dropped()
    {
        DispatchTask task = Send(new TaskOptions { Retries = 1 });
        TaskContext attempt = Run(task);
        attempt.Write(RecordKind.Output, 1);
        _runner.Requeue(attempt);
        Assert.Empty(task.GetRecords());
        attempt = Run(task);
        attempt.Write(RecordKind.Output, 2);
        _runner.Complete(attempt);
        Assert.Equal(2, task.GetRecords()[0].Value);
        Assert.Equal(1, Assert.IsType<DroppedOutputNotice>(task.GetRecords()[1].Value).Count);
    }

    [Fact]
    public void Progress_alone_is_no_output()
    {
        DispatchTask task = Send();
        TaskContext attempt = Run(task);
        attempt.Write(RecordKind.Progress, 1);
        _runner.Requeue(attempt);
        Assert.DoesNotContain(task.GetRecords(), record => record.Kind == RecordKind.Warning);
    }

    [Fact]
    public void One_that_was_asked_to_stop_ends_as_stopped_or_timed_out()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Clock = clock, HasNoWorkers = true });
        dispatcher.Run();
        var runner = new FakeRemoteRunner(dispatcher);
        DispatchTask[] tasks = [Body.Nothing(), Body.Nothing(new TaskOptions { Timeout = TimeSpan.FromSeconds(5) })];
        Array.ForEach(tasks, task => dispatcher.Dispatch(task));
        List<TaskContext> attempts = [.. runner.Claim().Select(runner.Run)];
        tasks[0].Stop();
        clock.AdvanceSeconds(1); // Within its grace.
        runner.Requeue(attempts[0]);
        clock.AdvanceSeconds(4.5);
        runner.Requeue(attempts[1]);
        Assert.Equal([TaskState.Stopped, TaskState.TimedOut], tasks.Select(task => task.State));
    }

    [Fact]
    public void It_does_not_come_back_once_the_dispatcher_has_halted()
    {
        DispatchTask task = Send();
        TaskContext attempt = Run(task);
        _dispatcher.Scheduler.Starts.Halt(new DispatcherHaltedException("enough"), FailureAction.StopPending);
        _runner.Requeue(attempt);
        Assert.Equal(TaskState.Failed, task.State);
    }

    [Fact]
    public void It_gives_its_place_in_the_group_to_the_next()
    {
        _dispatcher.GroupLimit = new GroupLimit(1);
        DispatchTask first = Send(new TaskOptions { Group = "g" });
        TaskContext attempt = Run(first);
        DispatchTask second = Send(new TaskOptions { Group = "g" });
        _runner.Requeue(attempt);
        Assert.Equal([second], _runner.Claim());
        _runner.Complete(_runner.Run(second));
        Assert.Equal([first], _runner.Claim());
    }

    [Fact]
    public void A_stop_waits_for_the_rest_and_keeps_it()
    {
        DispatchTask task = Send();
        TaskContext attempt = Run(task);
        PendingStop stop = _dispatcher.BeginQuit(drain: false);
        _runner.Requeue(attempt);
        Assert.True(stop.Wait(TimeSpan.Zero, default));
        Assert.Equal(TaskState.Pending, task.State);
    }

    private DispatchTask Send(TaskOptions? options = null)
    {
        DispatchTask task = Body.Nothing(options);
        _dispatcher.Dispatch(task);
        return task;
    }

    private TaskContext Run(DispatchTask task)
    {
        Assert.Equal([task], _runner.Claim());
        return _runner.Run(task);
    }
}
