using System;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Tasks;

/// <summary>Tasks that wait for tasks of their own dispatcher.</summary>
public sealed class BlockedScopeTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions
    {
        MinWorkers = 1,
        MaxWorkers = 1,
        QueueSize = 2,
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
    public void A_task_that_waits_for_another_dispatcher_keeps_its_place()
    {
        using var other = new Dispatcher(10, 1, 4);
        other.Run();
        using Blocker inner = Blocker.On(other);
        DispatchTask[] outer = [.. Enumerable.Range(0, 3).Select(_ => Body.Task(_ => Bounded.End(inner.Task)))];
        _dispatcher.Run();
        Array.ForEach(outer, task => _dispatcher.Dispatch(task));
        Bounded.Until(() => outer[0].State == TaskState.Running, "the first to run");

        // The wait itself gives no event. What it must not do would come with it.
        SpinWait.SpinUntil(() => _dispatcher.WorkerCount > 1, TimeSpan.FromMilliseconds(200));

        Assert.Equal(1, _dispatcher.WorkerCount);
        Assert.Equal(1, _dispatcher.Statistics.Running);
        inner.Release();
        Bounded.End(outer);
    }

    [Fact]
    public void A_task_that_waits_for_room_in_the_queue_of_another_keeps_its_place()
    {
        using var other = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, QueueSize = 1 });
        other.Run();
        using Blocker inner = Blocker.On(other);
        Assert.True(other.Dispatch(Body.Nothing()));
        DispatchTask[] outer = [.. Enumerable.Range(0, 2).Select(_ => Body.Task(_ => other.Send(Body.Nothing())))];
        _dispatcher.Run();
        Array.ForEach(outer, task => _dispatcher.Dispatch(task));
        Bounded.Until(() => outer[0].State == TaskState.Running, "the first to run");

        SpinWait.SpinUntil(() => _dispatcher.WorkerCount > 1, TimeSpan.FromMilliseconds(200));

        Assert.Equal(1, _dispatcher.WorkerCount);
        inner.Release();
        Bounded.End(outer);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Tasks_that_wait_for_each_other_in_a_circle_of_dispatchers_end(int count)
    {
        Dispatcher[] ring = [.. Enumerable.Range(0, count).Select(_ => new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, TaskTimeout = Timeout.InfiniteTimeSpan }))];
        DispatchTask Next(int left) => Body.Task(_ =>
        {
            if (left > 0)
            {
                DispatchTask inner = Next(left - 1);
                ring[left % count].Dispatch(inner);
                Bounded.End(inner);
            }
        });
        Array.ForEach(ring, dispatcher => dispatcher.Run());
        DispatchTask first = Next(3 * count);

        ring[1].Dispatch(first);

        Bounded.End(first);
        Assert.Null(first.Exception);
        foreach (Dispatcher dispatcher in ring)
        {
            Bounded.Until(() => dispatcher.WorkerCount == 1, "the surplus workers to go");
            dispatcher.Dispose();
        }
    }

    [Fact]
    public void A_worker_that_is_given_up_in_a_wait_lends_no_place()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, TaskTimeout = TimeSpan.FromSeconds(10), StopGrace = TimeSpan.Zero, Clock = clock });
        using var released = new Gate("the end of the stuck wait");
        using var never = new Blocker(new TaskOptions { Timeout = Timeout.InfiniteTimeSpan });
        DispatchTask stuck = Body.Task(_ =>
        {
            while (!released.IsOpen)
            {
                try
                {
                    never.Task.Wait(Bounded.Limit);
                }
                catch (ThreadInterruptedException)
                {
                    // On it goes.
                }
            }
        });
        dispatcher.Run();
        dispatcher.Dispatch(stuck);
        dispatcher.Dispatch(never.Task);
        never.WaitUntilStarted();
        Assert.Equal(2, dispatcher.WorkerCount);

        clock.AdvanceSeconds(11);
        Assert.Equal(TaskState.TimedOut, stuck.State);
        DispatchTask queued = Body.Nothing();
        dispatcher.Dispatch(queued);

        SpinWait.SpinUntil(() => queued.IsEnded, TimeSpan.FromMilliseconds(200));
        Assert.Equal(TaskState.Pending, queued.State);
        released.Open();
        never.Release();
        Bounded.End(queued);
    }

    [Fact]
    public void A_task_that_is_sent_only_after_another_waits_for_it_is_run()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, TaskTimeout = Timeout.InfiniteTimeSpan });
        DispatchTask late = Body.Nothing();
        Thread? waiter = null;
        DispatchTask waiting = Body.Task(context =>
        {
            Volatile.Write(ref waiter, Thread.CurrentThread);
            late.Wait(Bounded.Limit, context.CancellationToken);
        });
        dispatcher.Run();
        dispatcher.Dispatch(waiting);
        Bounded.Until(() => Volatile.Read(ref waiter)?.ThreadState.HasFlag(ThreadState.WaitSleepJoin) == true, "the task to wait");

        dispatcher.Dispatch(late);

        Assert.Equal(TaskState.Completed, Bounded.End(late));
        Assert.Equal(TaskState.Completed, Bounded.End(waiting));
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
