using System;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

public sealed class StatusTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(100, 1, 2);

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void The_statuses_have_the_numbers_of_the_contract()
    {
        Assert.Equal(
            ["Stopped=0", "Stopping=1", "Running=2", "Draining=3"],
            Enum.GetValues<DispatcherStatus>().Order().Select(status => status + "=" + (int)status));
    }

    [Fact]
    public void A_new_dispatcher_is_stopped_and_has_no_workers()
    {
        Assert.Equal(DispatcherStatus.Stopped, _dispatcher.Status);
        Assert.Equal(0, _dispatcher.WorkerCount);
    }

    [Fact]
    public void Run_returns_at_once_with_the_least_number_of_workers()
    {
        _dispatcher.Run();

        Assert.Equal(DispatcherStatus.Running, _dispatcher.Status);
        Assert.Equal(1, _dispatcher.WorkerCount);
    }

    [Fact]
    public void Run_does_nothing_while_running()
    {
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);

        _dispatcher.Run();

        Assert.Equal(DispatcherStatus.Running, _dispatcher.Status);
        Assert.Equal(1, _dispatcher.WorkerCount);
        Assert.Equal(TaskState.Running, blocker.Task.State);
    }

    [Fact]
    public void Quit_without_drain_is_stopping_until_running_tasks_have_finished()
    {
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);

        Assert.False(_dispatcher.Quit(drain: false, TimeSpan.Zero));

        Assert.Equal(DispatcherStatus.Stopping, _dispatcher.Status);
        Assert.False(blocker.Context!.IsStopRequested);
        blocker.Release();
        Bounded.Quit(_dispatcher, drain: false);
        Assert.Equal(DispatcherStatus.Stopped, _dispatcher.Status);
        Assert.Equal(TaskState.Completed, blocker.Task.State);
    }

    [Fact]
    public void Quit_blocks_until_stopped()
    {
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);
        var statusAfterQuit = (DispatcherStatus)(-1);
        var quitter = new Thread(() =>
        {
            _dispatcher.Quit(drain: false);
            statusAfterQuit = _dispatcher.Status;
        });
        quitter.Start();
        Bounded.Until(() => _dispatcher.Status == DispatcherStatus.Stopping, "the stop to begin");
        Assert.True(quitter.IsAlive);

        blocker.Release();

        Bounded.Join(quitter, "Quit to return");
        Assert.Equal(DispatcherStatus.Stopped, statusAfterQuit);
        Assert.Equal(0, _dispatcher.WorkerCount);
    }

    [Fact]
    public void Quit_with_drain_is_draining_until_all_is_done_tasks_sent_meanwhile_included()
    {
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);
        DispatchTask queued = Body.Nothing();
        _dispatcher.SetWorkers(1, 1);
        _dispatcher.Dispatch(queued);

        Assert.False(_dispatcher.Quit(drain: true, TimeSpan.Zero));

        Assert.Equal(DispatcherStatus.Draining, _dispatcher.Status);
        DispatchTask late = Body.Nothing();
        Assert.True(_dispatcher.Dispatch(late));
        blocker.Release();
        Bounded.Quit(_dispatcher, drain: true);
        Assert.Equal(DispatcherStatus.Stopped, _dispatcher.Status);
        Assert.Equal(TaskState.Completed, queued.State);
        Assert.Equal(TaskState.Completed, late.State);
    }

    [Fact]
    public void Draining_an_idle_dispatcher_stops_it()
    {
        _dispatcher.Run();

        Bounded.Quit(_dispatcher, drain: true);

        Assert.Equal(DispatcherStatus.Stopped, _dispatcher.Status);
    }

    [Fact]
    public void Quit_of_a_stopped_dispatcher_returns_and_keeps_what_is_queued()
    {
        DispatchTask queued = Body.Nothing();
        _dispatcher.Dispatch(queued);

        Assert.True(_dispatcher.Quit(drain: false, TimeSpan.Zero));
        Assert.True(_dispatcher.Quit(drain: true, TimeSpan.Zero));

        Assert.Equal(TaskState.Pending, queued.State);
    }

    [Fact]
    public void A_drain_is_broken_off_by_a_stop_that_keeps_what_is_queued()
    {
        _dispatcher.SetWorkers(1, 1);
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);
        DispatchTask queued = Body.Nothing();
        _dispatcher.Dispatch(queued);
        var drainer = new Thread(() => _dispatcher.Quit(drain: true));
        drainer.Start();
        Bounded.Until(() => _dispatcher.Status == DispatcherStatus.Draining, "the drain to begin");

        Assert.False(_dispatcher.Quit(drain: false, TimeSpan.Zero));

        Assert.Equal(DispatcherStatus.Stopping, _dispatcher.Status);
        blocker.Release();
        Bounded.Join(drainer, "the drain to return when it is broken off");
        Assert.Equal(DispatcherStatus.Stopped, _dispatcher.Status);
        Assert.Equal(TaskState.Pending, queued.State);
    }

    [Fact]
    public void Neither_run_nor_drain_ends_a_stop()
    {
        _dispatcher.SetWorkers(1, 1);
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);
        DispatchTask queued = Body.Nothing();
        _dispatcher.Dispatch(queued);
        _dispatcher.Quit(drain: false, TimeSpan.Zero);

        _dispatcher.Run();
        Assert.Equal(DispatcherStatus.Stopping, _dispatcher.Status);
        _dispatcher.Quit(drain: true, TimeSpan.Zero);
        Assert.Equal(DispatcherStatus.Stopping, _dispatcher.Status);

        blocker.Release();
        Bounded.Quit(_dispatcher, drain: false);
        Assert.Equal(TaskState.Pending, queued.State);
    }

    [Fact]
    public void Run_does_not_end_a_drain()
    {
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);
        _dispatcher.Quit(drain: true, TimeSpan.Zero);

        _dispatcher.Run();

        Assert.Equal(DispatcherStatus.Draining, _dispatcher.Status);
        blocker.Release();
        Bounded.Quit(_dispatcher, drain: true);
    }

    [Fact]
    public void Tasks_sent_before_Run_wait_and_run_then()
    {
        DispatchTask[] tasks = [.. Enumerable.Range(0, 5).Select(_ => Body.Nothing())];

        Assert.All(tasks, task => Assert.True(_dispatcher.Dispatch(task)));

        Assert.All(tasks, task => Assert.Equal(TaskState.Pending, task.State));
        _dispatcher.Run();
        Bounded.End(tasks);
        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
    }

    [Fact]
    public void A_restart_runs_what_was_left_queued()
    {
        _dispatcher.SetWorkers(1, 1);
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);
        DispatchTask[] queued = [.. Enumerable.Range(0, 20).Select(_ => Body.Nothing())];
        Array.ForEach(queued, task => _dispatcher.Dispatch(task));
        _dispatcher.Quit(drain: false, TimeSpan.Zero);
        blocker.Release();
        Bounded.Quit(_dispatcher, drain: false);
        Assert.All(queued, task => Assert.Equal(TaskState.Pending, task.State));

        _dispatcher.Run();

        Bounded.Quit(_dispatcher, drain: true);
        Assert.All(queued, task => Assert.Equal(TaskState.Completed, task.State));
    }

    [Fact]
    public void A_dispatcher_can_be_stopped_and_run_many_times()
    {
        for (int round = 0; round < 100; round++)
        {
            _dispatcher.Run();
            DispatchTask task = Body.Nothing();
            _dispatcher.Dispatch(task);
            Bounded.Quit(_dispatcher, drain: true);
            Assert.Equal(TaskState.Completed, task.State);
        }
    }

    [Fact]
    public void Cancelling_Quit_ends_the_wait_and_not_the_stop()
    {
        _dispatcher.Run();
        using Blocker blocker = Blocker.On(_dispatcher);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => _dispatcher.Quit(drain: false, Bounded.Limit, cancellation.Token));

        Assert.Equal(DispatcherStatus.Stopping, _dispatcher.Status);
        blocker.Release();
        Bounded.Quit(_dispatcher, drain: false);
    }
}
