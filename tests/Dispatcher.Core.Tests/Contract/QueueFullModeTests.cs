using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

public sealed class QueueFullModeTests
{
    [Theory]
    [InlineData(QueueFullMode.Wait)]
    [InlineData(QueueFullMode.Overflow)]
    [InlineData(QueueFullMode.Reject)]
    public void Dispatch_never_blocks_and_tells_whether_the_task_is_in_the_bounded_queue(QueueFullMode mode)
    {
        using Dispatcher dispatcher = Create(mode, size: 2);
        DispatchTask[] fitting = [Body.Nothing(), Body.Nothing()];
        DispatchTask surplus = Body.Nothing();

        Assert.All(fitting, task => Assert.True(dispatcher.Dispatch(task)));
        Assert.False(dispatcher.Dispatch(surplus));

        Assert.Equal(mode == QueueFullMode.Overflow ? TaskState.Pending : TaskState.Created, surplus.State);
        Assert.Equal(mode == QueueFullMode.Overflow ? 3 : 2, dispatcher.Statistics.Sent);
        Assert.Equal(mode == QueueFullMode.Overflow ? 0 : 1, dispatcher.Statistics.Rejected);
    }

    [Fact]
    public void A_task_that_an_idle_worker_takes_needs_no_room()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Reject, size: 1, minWorkers: 2);
        dispatcher.Run();
        Bounded.Until(() => dispatcher.IdleWorkerCount == 2, "idle workers");

        using var first = new Blocker();
        using var second = new Blocker();
        Assert.True(dispatcher.Dispatch(first.Task));
        Assert.True(dispatcher.Dispatch(second.Task));
        Assert.True(dispatcher.Dispatch(Body.Nothing()));
        Assert.False(dispatcher.Dispatch(Body.Nothing()));
    }

    [Fact]
    public void A_refused_task_can_be_sent_again()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Reject, size: 1);
        DispatchTask refused = Body.Nothing();
        dispatcher.Dispatch(Body.Nothing());
        Assert.False(dispatcher.Send(refused));
        Assert.Equal(1, dispatcher.Statistics.Rejected);
        Assert.Equal(1, dispatcher.Statistics.Sent);

        dispatcher.Run();

        Bounded.Until(() => dispatcher.Statistics.Pending == 0, "room");
        Assert.True(dispatcher.Send(refused));
        Assert.Equal(TaskState.Completed, Bounded.End(refused));
    }

    [Fact]
    public void The_queue_is_first_in_first_out_and_the_overflow_last_in_first_out()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Overflow, size: 2);
        var order = new List<string>();
        foreach (string name in new[] { "1", "2", "3", "4", "5" })
        {
            dispatcher.Dispatch(Body.Task(context => order.Add(context.Task.Name), new TaskOptions { Name = name }));
        }

        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);

        Assert.Equal(["1", "2", "5", "4", "3"], order);
    }

    [Fact]
    public void A_larger_queue_takes_in_what_overflowed()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Overflow, size: 1);
        var order = new List<string>();
        foreach (string name in new[] { "1", "2", "3" })
        {
            dispatcher.Dispatch(Body.Task(context => order.Add(context.Task.Name), new TaskOptions { Name = name }));
        }

        dispatcher.QueueSize = 10;
        Assert.True(dispatcher.Dispatch(Body.Task(context => order.Add(context.Task.Name), new TaskOptions { Name = "4" })));

        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(["1", "3", "2", "4"], order);
    }

    [Fact]
    public void Send_waits_for_room()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 1);
        dispatcher.Run();
        using Blocker running = Blocker.On(dispatcher);
        dispatcher.Send(Body.Nothing());
        DispatchTask waiting = Body.Nothing();

        Task<bool> sending = StartSend(dispatcher, waiting);
        Assert.False(sending.IsCompleted);
        Assert.Equal(TaskState.Created, waiting.State);
        running.Release();

        Bounded.Wait(sending, "Send to find room");
        Assert.Equal(TaskState.Completed, Bounded.End(waiting));
        Assert.Equal(0, dispatcher.Statistics.Rejected);
    }

    [Fact]
    public void Send_finds_the_room_that_a_larger_queue_gives()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 1);
        dispatcher.Run();
        using Blocker running = Blocker.On(dispatcher);
        dispatcher.Send(Body.Nothing());
        DispatchTask waiting = Body.Nothing();
        Task<bool> sending = StartSend(dispatcher, waiting);

        dispatcher.QueueSize = 4;

        Bounded.Wait(sending, "Send to find room");
        Assert.Equal(TaskState.Pending, waiting.State);
    }

    [Fact]
    public void Send_finds_the_room_that_a_stopped_task_leaves()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 1);
        dispatcher.Run();
        using Blocker running = Blocker.On(dispatcher);
        DispatchTask queued = Body.Nothing();
        dispatcher.Send(queued);
        DispatchTask waiting = Body.Nothing();
        Task<bool> sending = StartSend(dispatcher, waiting);

        Assert.True(queued.Stop());

        Bounded.Wait(sending, "Send to find room");
        Assert.Equal(TaskState.Pending, waiting.State);
    }

    [Fact]
    public void Send_is_cancelled_while_it_waits()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 1);
        dispatcher.Run();
        using Blocker running = Blocker.On(dispatcher);
        dispatcher.Send(Body.Nothing());
        DispatchTask waiting = Body.Nothing();
        using var cancellation = new CancellationTokenSource();
        Task<bool> sending = StartSend(dispatcher, waiting, cancellation.Token);

        cancellation.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Bounded.Wait(sending, "Send to be cancelled"));
        Assert.Equal(TaskState.Created, waiting.State);
        Assert.Equal(2, dispatcher.Statistics.Sent);
    }

    [Fact]
    public void Send_fails_clearly_when_the_queue_is_full_and_nothing_would_make_room()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 1);
        dispatcher.Send(Body.Nothing());
        DispatchTask task = Body.Nothing();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => dispatcher.Send(task));

        Assert.Contains("full", error.Message, StringComparison.Ordinal);
        Assert.Contains("not running", error.Message, StringComparison.Ordinal);
        Assert.Contains(dispatcher.Name, error.Message, StringComparison.Ordinal);
        Assert.Equal(TaskState.Created, task.State);
        Assert.Equal(1, dispatcher.Statistics.Sent);
    }

    [Fact]
    public void Send_that_waits_fails_when_the_dispatcher_stops_with_a_full_queue()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 1);
        dispatcher.Run();
        using Blocker running = Blocker.On(dispatcher);
        dispatcher.Send(Body.Nothing());
        Task<bool> sending = StartSend(dispatcher, Body.Nothing());

        dispatcher.Quit(drain: false, TimeSpan.Zero);

        Assert.Throws<InvalidOperationException>(() => Bounded.Wait(sending, "Send to fail"));
    }

    [Fact]
    public void Send_that_waits_fails_when_the_dispatcher_is_removed()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 1);
        dispatcher.Run();
        using Blocker running = Blocker.On(dispatcher);
        dispatcher.Send(Body.Nothing());
        Task<bool> sending = StartSend(dispatcher, Body.Nothing());

        dispatcher.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Bounded.Wait(sending, "Send to fail"));
    }

    [Fact]
    public void Many_senders_through_a_small_queue_lose_nothing()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 3, minWorkers: 0, maxWorkers: 2);
        dispatcher.Run();
        int ran = 0;

        Bounded.OnThreads(4, _ =>
        {
            for (int i = 0; i < 2000; i++)
            {
                Assert.True(dispatcher.Send(Body.Task(_ => Interlocked.Increment(ref ran))));
            }
        });

        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(8000, ran);
        Assert.Equal(8000, dispatcher.Statistics.Completed);
    }

    [Fact]
    public void A_waiting_sender_is_served_while_the_dispatcher_drains()
    {
        using Dispatcher dispatcher = Create(QueueFullMode.Wait, size: 1);
        dispatcher.Run();
        using Blocker running = Blocker.On(dispatcher);
        using var second = new Blocker();
        dispatcher.Send(second.Task);
        DispatchTask waiting = Body.Nothing();
        Task<bool> sending = StartSend(dispatcher, waiting);
        dispatcher.Quit(drain: true, TimeSpan.Zero);

        running.Release();
        Bounded.Wait(sending, "Send to find room");
        second.Release();

        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(TaskState.Completed, waiting.State);
    }

    private static Dispatcher Create(QueueFullMode mode, int size, int minWorkers = 1, int? maxWorkers = null) => new(new DispatcherOptions
    {
        QueueFullMode = mode,
        QueueSize = size,
        MinWorkers = minWorkers,
        MaxWorkers = maxWorkers ?? minWorkers,
        TaskTimeout = Timeout.InfiniteTimeSpan,
    });

    /// <summary>Starts a Send that has to wait, and returns when it does.</summary>
    private static Task<bool> StartSend(Dispatcher dispatcher, DispatchTask task, CancellationToken cancellationToken = default)
    {
        Thread? thread = null;
        var sending = Task.Factory.StartNew(
            () =>
            {
                Volatile.Write(ref thread, Thread.CurrentThread);
                return dispatcher.Send(task, cancellationToken);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Bounded.Until(() => Volatile.Read(ref thread) is { ThreadState: var state } && state.HasFlag(ThreadState.WaitSleepJoin), "Send to wait");
        return sending;
    }
}
