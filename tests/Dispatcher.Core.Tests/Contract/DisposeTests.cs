using System;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

public sealed class DisposeTests
{
    [Fact]
    public void Queued_tasks_end_as_stopped_wherever_they_wait()
    {
        var clock = new FakeClock();
        var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 1,
            MaxWorkers = 1,
            QueueSize = 2,
            QueueFullMode = QueueFullMode.Overflow,
            Clock = clock,
        });
        dispatcher.Run();
        DispatchTask retrying = Body.Task(_ => throw new InvalidOperationException("again"), new TaskOptions { Retries = 3, RetryDelay = TimeSpan.FromHours(1) });
        dispatcher.Dispatch(retrying);
        using Blocker running = Blocker.On(dispatcher);
        DispatchTask[] queued = [.. Enumerable.Range(0, 6).Select(_ => Body.Nothing())];
        Array.ForEach(queued, task => dispatcher.Dispatch(task));

        dispatcher.Dispose();

        Assert.All(queued.Append(retrying), task => Assert.Equal(TaskState.Stopped, task.State));
        Bounded.End(queued);
        Assert.True(running.Context!.IsStopRequested);
        running.Release();
        Assert.Equal(TaskState.Stopped, Bounded.End(running.Task));
        Bounded.Quit(dispatcher, drain: false);
        Assert.Equal(DispatcherStatus.Stopped, dispatcher.Status);
        Assert.Equal(8, dispatcher.Statistics.Stopped);
        Assert.Equal(8, dispatcher.Statistics.Sent);
    }

    [Fact]
    public void It_takes_no_more_tasks_and_does_not_run_again()
    {
        var dispatcher = new Dispatcher(10, 1, 1);
        dispatcher.Dispose();
        dispatcher.Dispose();

        Assert.Throws<ObjectDisposedException>(() => dispatcher.Dispatch(Body.Nothing()));
        Assert.Throws<ObjectDisposedException>(() => dispatcher.Send(Body.Nothing()));
        Assert.Throws<ObjectDisposedException>(dispatcher.Run);
        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(0, dispatcher.Statistics.Sent);
    }

    [Fact]
    public void A_running_task_with_retries_left_is_not_tried_again()
    {
        var dispatcher = new Dispatcher(10, 1, 1);
        dispatcher.Run();
        DispatchTask task = Body.Task(
            context =>
            {
                Bounded.Wait(context.CancellationToken.WaitHandle, "the stop");
                throw new InvalidOperationException("again");
            },
            new TaskOptions { Retries = 5 });
        dispatcher.Dispatch(task);
        Bounded.Until(() => task.State == TaskState.Running, "the task to run");

        dispatcher.Dispose();

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Assert.Equal(1, task.Attempt);
    }

    [Fact]
    public void A_waiting_drain_returns()
    {
        var dispatcher = new Dispatcher(10, 1, 1);
        dispatcher.Run();
        using Blocker running = Blocker.On(dispatcher);
        dispatcher.Dispatch(Body.Nothing());
        var drainer = new Thread(() => dispatcher.Quit(drain: true));
        drainer.Start();
        Bounded.Until(() => dispatcher.Status == DispatcherStatus.Draining, "the drain to begin");

        dispatcher.Dispose();
        running.Release();

        Bounded.Join(drainer, "the drain to return");
    }

    [Fact]
    public void A_stuck_task_is_given_up_after_its_grace()
    {
        var clock = new FakeClock();
        var dispatcher = new Dispatcher(new DispatcherOptions { Clock = clock });
        dispatcher.Run();
        using Blocker stuck = Blocker.On(dispatcher);
        dispatcher.Dispose();
        Assert.Equal(TaskState.Running, stuck.Task.State);

        clock.Advance(dispatcher.StopGrace);

        Assert.Equal(TaskState.Stopped, stuck.Task.State);
        Bounded.Quit(dispatcher, drain: false);
        Assert.Equal(0, dispatcher.WorkerCount);
    }

    [Fact]
    public void Tasks_of_a_dispatcher_that_never_ran_end_too()
    {
        var dispatcher = new Dispatcher(10, 1, 1);
        DispatchTask task = Body.Nothing();
        dispatcher.Dispatch(task);
        System.Threading.Tasks.Task ended = task.WaitAsync();

        dispatcher.Dispose();

        Bounded.Wait(ended, "the task to end");
        Assert.Equal(TaskState.Stopped, task.State);
    }

    [Fact]
    public void From_inside_a_task_it_returns()
    {
        var dispatcher = new Dispatcher(10, 1, 1);
        DispatchTask queued = Body.Nothing();
        DispatchTask task = Body.Task(_ => dispatcher.Dispose());
        dispatcher.Dispatch(task);
        dispatcher.Dispatch(queued);

        dispatcher.Run();

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Assert.Equal(TaskState.Stopped, Bounded.End(queued));
        Bounded.Until(() => dispatcher.Status == DispatcherStatus.Stopped, "the stop");
    }
}
