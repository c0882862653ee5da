using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Tasks;

public sealed class DispatchTaskTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, TaskTimeout = Timeout.InfiniteTimeSpan });

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_new_task_belongs_to_nobody()
    {
        object input = new();
        DispatchTask task = Body.Task(_ => { }, new TaskOptions { Name = "mine" }, input);

        Assert.Equal(TaskState.Created, task.State);
        Assert.Equal("mine", task.Name);
        Assert.Equal("mine", task.ToString());
        Assert.Same(input, task.InputObject);
        Assert.Null(task.Dispatcher);
        Assert.Null(task.QueuedAt);
        Assert.Null(task.StartedAt);
        Assert.Null(task.EndedAt);
        Assert.Null(task.WaitTime);
        Assert.Null(task.Duration);
        Assert.Null(task.Worker);
        Assert.Null(task.ExitCode);
        Assert.Equal(0, task.Attempt);
        Assert.False(task.IsEnded);
        Assert.False(task.Stop());
        Assert.Throws<ArgumentNullException>(() => new DispatchTask(null!));
    }

    [Fact]
    public void Ids_differ_and_give_the_name()
    {
        DispatchTask[] tasks = [.. Enumerable.Range(0, 100).Select(_ => Body.Nothing())];

        Assert.Equal(100, tasks.Select(task => task.Id).Distinct().Count());
        Assert.All(tasks, task => Assert.Equal("Task" + task.Id, task.Name));
    }

    [Fact]
    public void A_task_is_sent_once()
    {
        DispatchTask task = Body.Nothing();
        _dispatcher.Dispatch(task);

        Assert.Throws<InvalidOperationException>(() => _dispatcher.Dispatch(task));
        Assert.Throws<InvalidOperationException>(() => _dispatcher.Send(task));
        _dispatcher.Run();
        Bounded.End(task);
        Assert.Throws<InvalidOperationException>(() => _dispatcher.Send(task));
        Assert.Equal(1, _dispatcher.Statistics.Sent);
    }

    [Fact]
    public void A_task_that_is_sent_to_two_dispatchers_at_once_is_taken_by_one()
    {
        using var first = new Dispatcher(10, 1, 1);
        using var second = new Dispatcher(10, 1, 1);
        Dispatcher[] dispatchers = [first, second];
        DispatchTask[] tasks = [.. Enumerable.Range(0, 20_000).Select(_ => Body.Nothing())];
        int refused = 0;

        Bounded.OnThreads(2, thread =>
        {
            foreach (DispatchTask task in tasks)
            {
                try
                {
                    dispatchers[thread].Dispatch(task);
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        });

        Assert.Equal(tasks.Length, refused);
        Assert.Equal(tasks.Length, first.Statistics.Sent + second.Statistics.Sent);
        Assert.Equal(tasks.Count(task => ReferenceEquals(task.Dispatcher, first)), first.Statistics.Sent);
    }

    [Fact]
    public void A_task_goes_from_pending_over_running_to_its_end()
    {
        using var blocker = new Blocker();
        _dispatcher.Dispatch(blocker.Task);
        Assert.Equal(TaskState.Pending, blocker.Task.State);
        Assert.NotNull(blocker.Task.QueuedAt);
        _dispatcher.Run();
        blocker.WaitUntilStarted();
        Assert.Equal(TaskState.Running, blocker.Task.State);
        Assert.NotNull(blocker.Task.StartedAt);
        Assert.Equal(1, blocker.Task.Attempt);
        Assert.Same(blocker.Task, blocker.Context!.Task);
        blocker.Release();
        Assert.Equal(TaskState.Completed, Bounded.End(blocker.Task));
        Assert.NotNull(blocker.Task.EndedAt);
        Assert.True(blocker.Task.QueuedAt <= blocker.Task.StartedAt);
        Assert.True(blocker.Task.StartedAt <= blocker.Task.EndedAt);
    }

    [Fact]
    public void Records_are_kept_in_the_order_written_and_taken_once()
    {
        object?[] values = [1, "two", null, 3.0];
        DispatchTask task = Body.Task(context =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                Assert.True(context.Write((RecordKind)i, values[i]));
            }
        });
        Finish(task);

        Assert.Equal(values.Select((value, i) => new TaskRecord((RecordKind)i, value)), task.GetRecords());
        Assert.Equal(4, task.GetRecords().Length);
        Assert.Equal(4, task.TakeRecords().Length);
        Assert.Empty(task.TakeRecords());
        Assert.Empty(task.GetRecords());
        Assert.True(task.HadErrors);
    }

    [Fact]
    public void Records_can_be_taken_while_the_task_writes()
    {
        const int Count = 20_000;
        DispatchTask task = Body.Task(context =>
        {
            for (int i = 0; i < Count; i++)
            {
                context.Write(RecordKind.Output, i);
            }
        });
        var taken = new System.Collections.Generic.List<object?>();
        _dispatcher.Run();
        _dispatcher.Dispatch(task);

        while (!task.IsEnded)
        {
            taken.AddRange(task.TakeRecords().Select(record => record.Value));
        }

        taken.AddRange(task.TakeRecords().Select(record => record.Value));
        Assert.Equal(Enumerable.Range(0, Count).Cast<object?>(), taken);
    }

    [Fact]
    public void Several_threads_of_one_task_may_write()
    {
        DispatchTask task = Body.Task(context => Bounded.OnThreads(4, index =>
        {
            for (int i = 0; i < 1000; i++)
            {
                context.Write(RecordKind.Output, (index, i));
            }
        }));
        Finish(task);

        Assert.Equal(TaskState.Completed, task.State);
        (int Thread, int Number)[] values = [.. task.GetRecords().Select(record => ((int, int))record.Value!)];
        Assert.Equal(4000, values.Length);
        Assert.All(values.GroupBy(value => value.Thread), group => Assert.Equal(Enumerable.Range(0, 1000), group.Select(value => value.Number)));
    }

    [Fact]
    public void What_is_written_after_the_end_is_dropped()
    {
        TaskContext? context = null;
        DispatchTask task = Body.Task(c => context = c);
        Finish(task);

        Assert.False(context!.Write(RecordKind.Error, "late"));
        context.SetExitCode(3);

        Assert.Empty(task.GetRecords());
        Assert.False(task.HadErrors);
        Assert.Null(task.ExitCode);
    }

    [Fact]
    public void A_non_terminating_error_leaves_the_task_completed_with_errors()
    {
        DispatchTask task = Body.Task(context => context.Write(RecordKind.Error, "hm"));
        Finish(task);

        Assert.Equal(TaskState.Completed, task.State);
        Assert.True(task.HadErrors);
        Assert.Null(task.Exception);
    }

    [Fact]
    public void A_pending_task_is_stopped_at_once_and_never_runs()
    {
        bool ran = false;
        DispatchTask task = Body.Task(_ => ran = true);
        _dispatcher.Dispatch(task);

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, task.State);
        Assert.False(task.Stop());
        Assert.Null(task.Exception);
        Assert.False(task.HadErrors);
        _dispatcher.Run();
        Bounded.Quit(_dispatcher, drain: true);
        Assert.False(ran);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public void Stopping_one_pending_task_leaves_the_others(int index)
    {
        using var dispatcher = new Dispatcher(3, 1, 1);
        var ran = new ConcurrentQueue<int>();
        DispatchTask[] tasks = [.. Enumerable.Range(0, 6).Select(i => Body.Task(_ => ran.Enqueue(i)))];
        Array.ForEach(tasks, task => dispatcher.Dispatch(task));

        Assert.True(tasks[index].Stop());

        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(Enumerable.Range(0, 6).Where(i => i != index), ran.Order());
    }

    [Fact]
    public void A_running_task_is_asked_to_stop()
    {
        using var started = new Gate("the task to start");
        DispatchTask task = Body.Task(context =>
        {
            started.Open();
            Bounded.Wait(context.CancellationToken.WaitHandle, "the stop");
            Assert.True(context.IsStopRequested);
            context.CancellationToken.ThrowIfCancellationRequested();
        });
        _dispatcher.Run();
        _dispatcher.Dispatch(task);
        started.Wait();

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Assert.Null(task.Exception);
        Assert.False(task.Stop());
        Blocker.CheckStrength(_dispatcher, 1);
    }

    [Fact]
    public void A_running_task_that_does_not_listen_is_stopped_by_force_after_its_grace()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, Clock = clock });
        dispatcher.Run();
        using Blocker blocker = Blocker.On(dispatcher);

        Assert.True(blocker.Task.Stop());

        clock.Advance(dispatcher.StopGrace - TimeSpan.FromTicks(1));
        Assert.Equal(TaskState.Running, blocker.Task.State);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(TaskState.Stopped, blocker.Task.State);
        Blocker.CheckStrength(dispatcher, 1);
    }

    [Fact]
    public void A_task_can_stop_itself()
    {
        DispatchTask task = Body.Task(context => context.Task.Stop());

        Finish(task);

        Assert.Equal(TaskState.Stopped, task.State);
    }

    [Fact]
    public void StopRunningTasks_leaves_the_queued_ones()
    {
        using var started = new Gate("the task to start");
        DispatchTask running = Body.Task(context =>
        {
            started.Open();
            Bounded.Wait(context.CancellationToken.WaitHandle, "the stop");
        });
        DispatchTask queued = Body.Nothing();
        _dispatcher.Run();
        _dispatcher.Dispatch(running);
        started.Wait();
        _dispatcher.Dispatch(queued);

        _dispatcher.StopRunningTasks();

        Assert.Equal(TaskState.Stopped, Bounded.End(running));
        Assert.Equal(TaskState.Completed, Bounded.End(queued));
    }

    [Fact]
    public void Wait_ends_at_its_timeout_or_when_it_is_cancelled_and_not_the_task()
    {
        DispatchTask task = Body.Nothing();
        _dispatcher.Dispatch(task);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.False(task.Wait(TimeSpan.Zero));
        Assert.False(task.Wait(TimeSpan.FromMilliseconds(5)));
        Assert.ThrowsAny<OperationCanceledException>(() => task.Wait(Bounded.Limit, cancelled.Token));

        Assert.Equal(TaskState.Pending, task.State);
        _dispatcher.Run();
        Assert.True(task.Wait(Bounded.Limit));
        Assert.True(task.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void WaitAsync_completes_for_all_who_wait_and_is_never_faulted()
    {
        DispatchTask task = Body.Task(_ => throw new InvalidOperationException("no"));
        _dispatcher.Dispatch(task);
        Task[] waits = [.. Enumerable.Range(0, 5).Select(_ => task.WaitAsync())];
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));

        _dispatcher.Run();

        Bounded.Wait(Task.WhenAll(waits), "all waits");
        Bounded.Wait(task.WaitAsync(), "a wait for a task that has ended");
        Assert.Equal(TaskState.Failed, task.State);
    }

    private void Finish(DispatchTask task)
    {
        _dispatcher.Dispatch(task);
        _dispatcher.Run();
        Bounded.End(task);
    }
}
