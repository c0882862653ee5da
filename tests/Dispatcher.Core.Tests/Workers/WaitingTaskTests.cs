using System;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Workers;

/// <summary>Tasks that wait for tasks of their own dispatcher.</summary>
public sealed class WaitingTaskTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions
    {
        MinWorkers = 1,
        MaxWorkers = 1,
        MaxBufferedTasks = 2,
        TaskTimeout = Timeout.InfiniteTimeSpan,
    });

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_task_sends_to_its_own_dispatcher_and_waits_50_deep_with_1_worker()
    {
        int ran = 0;
        DispatchTask Nest(int depth) => Body.Task(context =>
        {
            if (depth > 0)
            {
                DispatchTask inner = Nest(depth - 1);
                Assert.True(Dispatcher.Current!.Send(inner, context.CancellationToken));
                Assert.Equal(TaskState.Completed, Bounded.End(inner));
            }

            ran++;
        });
        DispatchTask outer = Nest(50);
        _dispatcher.Run();

        _dispatcher.Send(outer);

        Bounded.End(outer);
        Assert.Null(outer.Exception);
        Assert.Equal(TaskState.Completed, outer.State);
        Assert.Equal(51, ran);
        Bounded.Until(() => _dispatcher.WorkerCount == 1, "the surplus workers to go");
        Assert.Equal(1, _dispatcher.MaxWorkers);
    }

    [Fact]
    public void After_the_wait_the_pool_has_its_own_size_again()
    {
        DispatchTask outer = Body.Task(_ =>
        {
            for (int i = 0; i < 20; i++)
            {
                DispatchTask inner = Body.Nothing();
                Dispatcher.Current!.Send(inner);
                Bounded.End(inner);
            }
        });
        _dispatcher.Run();
        _dispatcher.Send(outer);
        Bounded.End(outer);

        using Blocker running = Blocker.On(_dispatcher);
        using var queued = new Blocker();
        _dispatcher.Send(queued.Task);

        Bounded.Until(() => _dispatcher.WorkerCount == 1, "the surplus workers to go");
        Assert.Equal(TaskState.Pending, queued.Task.State);
    }

    [Fact]
    public void A_task_that_sends_to_its_own_full_queue_makes_room()
    {
        DispatchTask[] inner = [.. Enumerable.Range(0, 20).Select(_ => Body.Nothing())];
        DispatchTask outer = Body.Task(context => Array.ForEach(inner, task => Dispatcher.Current!.Send(task, context.CancellationToken)));
        _dispatcher.Run();

        _dispatcher.Send(outer);

        Assert.Equal(TaskState.Completed, Bounded.End(outer));
        Bounded.End(inner);
        Assert.All(inner, task => Assert.Equal(TaskState.Completed, task.State));
    }

    [Fact]
    public void A_wait_in_a_task_ends_with_the_tasks_token()
    {
        using var blocker = new Blocker();
        using var waiting = new Gate("the wait to begin");
        DispatchTask outer = Body.Task(context =>
        {
            waiting.Open();
            blocker.Task.Wait(Bounded.Limit, context.CancellationToken);
        });
        _dispatcher.Run();
        _dispatcher.Send(outer);
        waiting.Wait();

        Assert.True(outer.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(outer));
    }

    [Fact]
    public void A_drain_waits_for_tasks_that_wait_for_tasks()
    {
        DispatchTask inner = Body.Nothing();
        DispatchTask outer = Body.Task(_ =>
        {
            _dispatcher.Quit(drain: true);
            _dispatcher.Dispatch(inner);
            Bounded.End(inner);
        });
        _dispatcher.Run();
        _dispatcher.Send(outer);

        Bounded.Quit(_dispatcher, drain: true);

        Assert.Equal(TaskState.Completed, outer.State);
        Assert.Equal(TaskState.Completed, inner.State);
    }

    [Fact]
    public void A_task_stops_another_dispatcher_and_waits_for_it()
    {
        using var other = new Dispatcher(10, 1, 1);
        DispatchTask inner = Body.Nothing();
        other.Dispatch(inner);
        other.Run();
        DispatchTask outer = Body.Task(_ => Bounded.Quit(other, drain: true));
        _dispatcher.Run();

        _dispatcher.Send(outer);

        Assert.Equal(TaskState.Completed, Bounded.End(outer));
        Assert.Equal(DispatcherStatus.Stopped, other.Status);
        Assert.Equal(TaskState.Completed, inner.State);
    }

    [Fact]
    public void Current_is_the_dispatcher_that_runs_the_task()
    {
        Dispatcher? inside = null;
        DispatchTask task = Body.Task(_ => inside = Dispatcher.Current);
        _dispatcher.Send(task);

        _dispatcher.Run();

        Bounded.End(task);
        Assert.Same(_dispatcher, inside);
        Assert.Null(Dispatcher.Current);
    }
}
