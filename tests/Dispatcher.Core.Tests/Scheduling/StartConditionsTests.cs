using System;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

/// <summary>Delays, and the suspension of a whole dispatcher.</summary>
public sealed class StartConditionsTests : IDisposable
{
    private readonly HandRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_delayed_task_starts_when_its_time_has_come()
    {
        DispatchTask task = _run.Send(new TaskOptions { Delay = TimeSpan.FromSeconds(5) });
        Assert.Equal("Delay", task.PendingReason);
        _run.Pass(4.999);
        Assert.Empty(_run.Start());
        int before = _run.Runner.WakeCount;
        _run.Pass(0.001);
        Assert.Equal(before + 1, _run.Runner.WakeCount);
        Assert.Equal([task], _run.Start());
    }

    [Fact]
    public void NotBefore_is_a_date_and_the_later_of_the_two_counts()
    {
        DateTimeOffset now = _run.Clock.ToDateTime(_run.Clock.GetTimestamp());
        DispatchTask later = _run.Send(new TaskOptions { NotBefore = now.AddSeconds(5).ToOffset(TimeSpan.FromHours(3)), Delay = TimeSpan.FromSeconds(2) });
        DispatchTask past = _run.Send(new TaskOptions { NotBefore = now.AddSeconds(-5) });
        DispatchTask delayed = _run.Send(new TaskOptions { NotBefore = now.AddSeconds(2), Delay = TimeSpan.FromSeconds(5) });
        Assert.Equal([past], _run.Start());
        _run.Pass(4.999);
        Assert.Empty(_run.Start());
        _run.Pass(0.001);
        Assert.Equal([later, delayed], _run.Start());
        Assert.Equal(TaskState.Pending, _run.Send(new TaskOptions { NotBefore = DateTimeOffset.MaxValue, Delay = TimeSpan.MaxValue }).State);
        _run.Send(new TaskOptions { NotBefore = DateTimeOffset.MinValue });
        Assert.Single(_run.Start());
    }

    [Fact]
    public void A_delay_holds_a_drain_and_does_not_fill_the_queue()
    {
        using var run = new HandRun(queueSize: 1, mode: QueueFullMode.Reject);
        DispatchTask[] delayed = run.Send(3, new TaskOptions { Delay = TimeSpan.FromSeconds(5) });
        Assert.True(run.Dispatcher.Dispatch(Body.Nothing()));
        Assert.False(run.Dispatcher.Dispatch(Body.Nothing()));
        run.Release();
        Assert.False(run.Dispatcher.Quit(drain: true, TimeSpan.Zero));
        Assert.All(delayed, task => Assert.Equal(TaskState.Pending, task.State));
        run.Pass(5);
        Bounded.Quit(run.Dispatcher, drain: true);
        Assert.All(delayed, task => Assert.Equal(TaskState.Completed, task.State));
    }

    [Fact]
    public void A_delay_goes_on_while_the_dispatcher_is_stopped()
    {
        DispatchTask task = _run.Send(new TaskOptions { Delay = TimeSpan.FromSeconds(5) });
        _run.Release();
        Bounded.Quit(_run.Dispatcher, drain: false);
        _run.Pass(5);
        Assert.Equal("NotStarted", task.PendingReason);
        _run.Dispatcher.Run();
        _run.Pass(0);
        Assert.Equal(TaskState.Completed, Bounded.End(task));
    }

    [Fact]
    public void A_delayed_task_can_be_stopped()
    {
        DispatchTask task = _run.Send(new TaskOptions { Delay = TimeSpan.FromSeconds(5) });
        Assert.True(task.Stop());
        _run.Pass(9);
        Assert.Empty(_run.Start());
        Assert.Equal(TaskState.Stopped, task.State);
    }

    [Fact]
    public void Suspended_nothing_starts_and_what_runs_goes_on()
    {
        DispatchTask running = _run.Send(new TaskOptions { Timeout = TimeSpan.FromSeconds(3) });
        _run.Start();
        _run.Dispatcher.Suspend();
        _run.Dispatcher.Suspend();
        DispatchTask task = _run.Send();
        DispatchTask delayed = _run.Send(new TaskOptions { Delay = TimeSpan.FromSeconds(2) });
        Assert.Empty(_run.Start());
        Assert.True(_run.Dispatcher.IsSuspended);
        Assert.Equal("Suspended", task.PendingReason);
        _run.Pass(3);
        Assert.True(_run.AttemptOf(running).IsStopRequested); // Timeouts run on, and delays as well.
        Assert.Equal("Suspended", delayed.PendingReason);
        int before = _run.Runner.WakeCount;
        _run.Dispatcher.Resume();
        Assert.True(_run.Runner.WakeCount > before);
        Assert.Equal([task, delayed], _run.Start());
    }

    [Fact]
    public void It_holds_through_a_stop_and_a_start()
    {
        _run.Dispatcher.Suspend();
        DispatchTask[] tasks = _run.Send(3);
        _run.Release();
        Bounded.Quit(_run.Dispatcher, drain: false);
        _run.Dispatcher.Run();
        Assert.True(_run.Dispatcher.IsSuspended);
        Assert.Empty(_run.Start());
        Assert.False(_run.Dispatcher.Quit(drain: true, TimeSpan.Zero));
        Assert.Equal(DispatcherStatus.Draining, _run.Dispatcher.Status);
        _run.Dispatcher.Resume();
        Bounded.Quit(_run.Dispatcher, drain: true);
        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
    }

    [Fact]
    public void It_can_be_suspended_before_it_runs_and_its_tasks_can_be_stopped()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Clock = clock, MinWorkers = 0, MaxWorkers = 3 });
        dispatcher.Suspend();
        DispatchTask[] tasks = [.. Enumerable.Range(0, 5).Select(_ => Body.Nothing())];
        Array.ForEach(tasks, task => dispatcher.Dispatch(task));
        dispatcher.Run();
        Assert.Equal(0, dispatcher.WorkerCount);
        tasks[0].Stop();
        dispatcher.StopRunningTasks();
        dispatcher.Resume();
        Bounded.End(tasks);
        Assert.Equal((4, 1), (dispatcher.Statistics.Completed, dispatcher.Statistics.Stopped));
        dispatcher.Dispose();
        Assert.Throws<ObjectDisposedException>(dispatcher.Suspend);
        Assert.Throws<ObjectDisposedException>(dispatcher.Resume);
    }

    [Fact]
    public void A_forced_stop_works_while_it_is_suspended()
    {
        DispatchTask running = _run.Send();
        _run.Start();
        _run.Dispatcher.Suspend();
        DispatchTask pending = _run.Send();
        _run.Release();
        PendingStop stop = _run.Dispatcher.BeginQuit(drain: false);
        _run.Dispatcher.StopRunningTasks();
        _run.Complete(running);
        Assert.True(stop.Wait(Bounded.Limit, default));
        Assert.Equal((TaskState.Stopped, TaskState.Pending), (running.State, pending.State));
    }
}
