using System;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Limits;

public sealed class FailurePolicyTests : IDisposable
{
    private HandRun _run = new(maxFailures: FailureLimit.OfCount(2));

    public void Dispose() => _run.Dispose();

    [Fact]
    public void The_nth_failure_stops_what_is_pending_and_lets_the_rest_run()
    {
        DispatchTask[] tasks = _run.Send(6);
        DispatchTask delayed = _run.Send(new TaskOptions { Delay = TimeSpan.FromSeconds(5) });
        DispatchTask dependent = _run.Send(new TaskOptions { DependsOn = [tasks[0]] });
        _run.Start(3);
        _run.Fail(tasks[0]);
        Assert.Null(_run.Dispatcher.HaltReason);
        Assert.Equal(TaskState.Stopped, dependent.State); // Stopped tasks are not counted.
        _run.Fail(tasks[1]);

        DispatcherHaltedException reason = _run.Dispatcher.HaltReason!;
        Assert.Equal((2, 4), (reason.FailedCount, reason.StoppedCount));
        Assert.All([.. tasks.Skip(3), delayed], task => Assert.Equal((TaskState.Stopped, null), (task.State, task.Exception)));
        Assert.Equal(TaskState.Running, tasks[2].State);
        _run.Complete(tasks[2]);
        Assert.Equal(TaskState.Completed, tasks[2].State);
        Assert.Empty(_run.Start());
    }

    [Fact]
    public void A_halted_one_takes_nothing_until_it_is_resumed_or_started()
    {
        Halt();
        var refused = Body.Nothing();
        DispatcherHaltedException error = Assert.Throws<DispatcherHaltedException>(() => _run.Dispatcher.Dispatch(refused));
        Assert.Equal(2, error.FailedCount);
        Assert.Throws<DispatcherHaltedException>(() => _run.Dispatcher.Send(refused));
        Assert.Equal(TaskState.Created, refused.State);

        _run.Dispatcher.Resume();
        Assert.Null(_run.Dispatcher.HaltReason);
        _run.Dispatcher.Dispatch(refused);
        Assert.Equal([refused], _run.Start());
        _run.Fail(refused);
        Assert.Null(_run.Dispatcher.HaltReason); // Counted anew.

        Halt();
        _run.Dispatcher.Run();
        Assert.Null(_run.Dispatcher.HaltReason);
        _run.Send();
    }

    [Fact]
    public void A_stop_and_a_start_reset_it_as_well()
    {
        Halt();
        _run.Release();
        Bounded.Quit(_run.Dispatcher, drain: true);
        Assert.NotNull(_run.Dispatcher.HaltReason);
        _run.Dispatcher.Run();
        DispatchTask task = _run.Send();
        Assert.Equal(TaskState.Completed, Bounded.End(task));
    }

    [Fact]
    public void StopAll_stops_what_runs_too()
    {
        _run.Dispatcher.FailureAction = FailureAction.StopAll;
        DispatchTask[] tasks = _run.Send(4);
        _run.Start(3);
        _run.Fail(tasks[0], tasks[1]);
        Assert.True(_run.AttemptOf(tasks[2]).IsStopRequested);
        _run.Complete(tasks[2]);
        Assert.Equal([TaskState.Failed, TaskState.Failed, TaskState.Stopped, TaskState.Stopped], tasks.Select(task => task.State));
    }

    [Fact]
    public void Only_the_last_attempt_counts_and_nothing_is_retried_after_the_halt()
    {
        DispatchTask retried = _run.Send(new TaskOptions { Retries = 3 });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal([retried], _run.Start());
            _run.Fail(retried);
        }

        Assert.Null(_run.Dispatcher.HaltReason);
        Assert.Equal([retried], _run.Start());
        DispatchTask running = _run.Send(new TaskOptions { Retries = 3 });
        Assert.Equal([running], _run.Start());
        _run.Fail(retried);
        Halt(1);
        _run.Fail(running);
        Assert.Equal((TaskState.Failed, 1), (running.State, running.Attempt));
    }

    [Fact]
    public void A_timeout_counts_and_a_stop_does_not()
    {
        DispatchTask[] stopped = _run.Send(5);
        _run.Start();
        Array.ForEach(stopped, task => task.Stop());
        _run.Complete(stopped);
        Assert.Null(_run.Dispatcher.HaltReason);
        DispatchTask[] slow = _run.Send(2, new TaskOptions { Timeout = TimeSpan.FromSeconds(1) });
        _run.Start();
        _run.Pass(1);
        _run.Complete(slow);
        Assert.All(slow, task => Assert.Equal(TaskState.TimedOut, task.State));
        Assert.Equal(2, _run.Dispatcher.HaltReason!.FailedCount);
    }

    [Fact]
    public void A_percentage_counts_once_20_have_ended()
    {
        Restart(FailureLimit.OfPercentage(10));
        End(failed: 10, completed: 9);
        Assert.Null(_run.Dispatcher.HaltReason);
        End(failed: 0, completed: 1);
        Assert.Equal(10, _run.Dispatcher.HaltReason!.FailedCount);
    }

    [Theory]
    [InlineData(1, 19, false)]
    [InlineData(2, 18, true)]
    [InlineData(2, 19, false)]
    [InlineData(3, 27, true)]
    public void A_percentage_is_of_what_has_ended(int failed, int completed, bool halts)
    {
        Restart(FailureLimit.OfPercentage(10));
        End(failed: 0, completed);
        End(failed, completed: 0);
        Assert.Equal(halts, _run.Dispatcher.HaltReason is not null);
    }

    [Fact]
    public void A_limit_that_is_set_later_counts_from_the_start()
    {
        _run.Dispatcher.MaxFailures = null;
        End(failed: 4, completed: 0);
        Assert.Null(_run.Dispatcher.HaltReason);
        _run.Dispatcher.MaxFailures = FailureLimit.OfCount(5);
        End(failed: 1, completed: 0);
        Assert.Equal(5, _run.Dispatcher.HaltReason!.FailedCount);
    }

    [Fact]
    public void Whoever_waits_for_space_is_told()
    {
        Restart(FailureLimit.OfCount(1), queueSize: 1, QueueFullMode.Wait);
        DispatchTask failing = _run.Send();
        _run.Start();
        _run.Send();
        Exception? error = null;
        using var waits = new Gate("the sender");
        var sender = new System.Threading.Thread(() =>
        {
            waits.Open();
            error = Record.Exception(() => _run.Dispatcher.Send(Body.Nothing()));
        });
        sender.Start();
        waits.Wait();
        _run.Fail(failing);
        Bounded.Join(sender, "the sender");
        Assert.IsType<DispatcherHaltedException>(error);
    }

    [Fact]
    public void A_drain_ends()
    {
        DispatchTask[] tasks = _run.Send(5);
        _run.Start(2);
        _run.Release();
        PendingStop stop = _run.Dispatcher.BeginQuit(drain: true);
        _run.Fail(tasks[0], tasks[1]);
        Assert.True(stop.Wait(Bounded.Limit, default));
    }

    [Fact]
    public void Values_out_of_range_are_errors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FailureLimit.OfCount(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => FailureLimit.OfPercentage(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => FailureLimit.OfPercentage(100.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FailureLimit.OfPercentage(double.NaN));
        Assert.Equal(("3", "12.5%"), (FailureLimit.OfCount(3).ToString(), FailureLimit.OfPercentage(12.5).ToString()));
    }

    private void Halt(int failures = 2)
    {
        DispatchTask[] tasks = _run.Send(failures);
        Assert.Equal(tasks, _run.Start());
        _run.Fail(tasks);
        Assert.NotNull(_run.Dispatcher.HaltReason);
    }

    private void End(int failed, int completed)
    {
        DispatchTask[] tasks = _run.Send(failed + completed);
        _run.Start();
        _run.Fail(tasks[..failed]);
        _run.Complete(tasks[failed..]);
    }

    private void Restart(FailureLimit limit, int queueSize = 1000, QueueFullMode mode = QueueFullMode.Overflow)
    {
        _run.Dispose();
        _run = new HandRun(maxFailures: limit, queueSize: queueSize, mode: mode);
    }
}
