using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Observers;

public sealed class DispatcherEventsTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;

    public DispatcherEventsTests() => _dispatcher = new Dispatcher(new DispatcherOptions { Name = "dze1", MinWorkers = 0, MaxWorkers = 4, Clock = _clock });

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_finished_task_is_named_with_its_final_state()
    {
        using var heard = new BlockingCollection<(object? Sender, DispatchTask Task, TaskState State)>();
        _dispatcher.TaskFinished += (sender, e) => heard.Add((sender, e.Task, e.Task.State));
        DispatchTask good = Body.Nothing();
        DispatchTask bad = Body.Task(_ => throw new InvalidOperationException("bad"));
        _dispatcher.SetWorkers(0, 1);
        _dispatcher.Dispatch(good);
        _dispatcher.Dispatch(bad);

        _dispatcher.Run();

        Assert.Equal((_dispatcher, good, TaskState.Completed), Take(heard));
        Assert.Equal((_dispatcher, bad, TaskState.Failed), Take(heard));
        Bounded.Quit(_dispatcher, drain: true);
        Assert.Empty(heard);
    }

    [Fact]
    public void A_retried_task_finishes_once()
    {
        using var heard = new BlockingCollection<DispatchTask>();
        _dispatcher.TaskFinished += (_, e) => heard.Add(e.Task);
        DispatchTask task = Body.Task(_ => throw new InvalidOperationException("again"), new TaskOptions { Retries = 3 });
        _dispatcher.Dispatch(task);
        _dispatcher.Run();
        Bounded.Quit(_dispatcher, drain: true);
        _dispatcher.Run();
        DispatchTask last = Body.Nothing();
        _dispatcher.Dispatch(last);

        Assert.Same(task, Take(heard));
        Assert.Same(last, Take(heard));
        Assert.Equal(4, task.Attempt);
    }

    [Fact]
    public void Queued_tasks_that_are_stopped_or_disposed_of_finish_too()
    {
        using var heard = new BlockingCollection<(DispatchTask, TaskState)>();
        _dispatcher.TaskFinished += (_, e) => heard.Add((e.Task, e.Task.State));
        DispatchTask stopped = Body.Nothing();
        DispatchTask disposed = Body.Nothing();
        _dispatcher.Dispatch(stopped);
        _dispatcher.Dispatch(disposed);

        Assert.True(stopped.Stop());
        _dispatcher.Dispose();

        Assert.Equal((stopped, TaskState.Stopped), Take(heard));
        Assert.Equal((disposed, TaskState.Stopped), Take(heard));
    }

    [Fact]
    public void Each_change_of_status_is_told_in_order()
    {
        using var heard = new BlockingCollection<(DispatcherStatus, DispatcherStatus)>();
        _dispatcher.StatusChanged += (_, e) => heard.Add((e.OldStatus, e.NewStatus));
        using Blocker running = new();
        _dispatcher.Dispatch(running.Task);

        _dispatcher.Run();
        running.WaitUntilStarted();
        Assert.False(_dispatcher.Quit(drain: true, TimeSpan.Zero));
        Assert.False(_dispatcher.Quit(drain: false, TimeSpan.Zero));
        running.Release();
        Bounded.Quit(_dispatcher, drain: false);

        Assert.Equal((DispatcherStatus.Stopped, DispatcherStatus.Running), Take(heard));
        Assert.Equal((DispatcherStatus.Running, DispatcherStatus.Draining), Take(heard));
        Assert.Equal((DispatcherStatus.Draining, DispatcherStatus.Stopping), Take(heard));
        Assert.Equal((DispatcherStatus.Stopping, DispatcherStatus.Stopped), Take(heard));
    }

    [Fact]
    public void The_pool_tells_how_it_grows_and_shrinks()
    {
        using var heard = new BlockingCollection<(int, int)>();
        _dispatcher.Scaled += (_, e) => heard.Add((e.OldCount, e.NewCount));
        _dispatcher.Run();
        Assert.Empty(heard);

        _dispatcher.SetWorkers(2, 8);
        Assert.Equal((0, 2), Take(heard));
        Bounded.Until(() => _dispatcher.IdleWorkerCount == 2, "the workers to be there");
        using Blocker first = Blocker.On(_dispatcher);
        using Blocker second = Blocker.On(_dispatcher);
        using Blocker third = Blocker.On(_dispatcher);
        Assert.Equal((2, 4), Take(heard));
        Bounded.Until(() => _dispatcher.IdleWorkerCount == 1, "the fourth worker to be there");
        _dispatcher.SetWorkers(2, 3);
        Assert.Equal((4, 3), Take(heard));
        third.Release();
        Bounded.End(third.Task);
        Bounded.Until(() => _dispatcher.IdleWorkerCount == 1, "a worker to be idle");
        _clock.AdvanceSeconds(5 * 60);
        Assert.Equal((3, 2), Take(heard));
        first.Release();
        second.Release();
        Bounded.Quit(_dispatcher, drain: true);
        int left = 2;
        while (left > 0)
        {
            (int before, int after) = Take(heard);
            Assert.Equal(left, before);
            Assert.True(after < before);
            left = after;
        }
    }

    [Fact]
    public void A_worker_that_is_given_up_is_told_with_its_task_and_its_successor()
    {
        using var heard = new BlockingCollection<object>();
        _dispatcher.SetWorkers(1, 1);
        _dispatcher.WorkerReplaced += (_, e) => heard.Add((e.Task, e.OldWorker, e.NewWorker));
        _dispatcher.TaskFinished += (_, e) => heard.Add((e.Task, e.Task.State));
        _dispatcher.Scaled += (_, e) => heard.Add(e);
        _dispatcher.Run();
        Assert.Equal(1, Assert.IsType<DispatcherScaledEventArgs>(Take(heard)).NewCount);
        using var over = new Gate("the test to be over");
        using var started = new Gate("the task to start");
        DispatchTask stuck = Body.Task(_ =>
        {
            started.Open();
            over.WaitThroughInterrupts();
        });
        _dispatcher.Dispatch(stuck);
        started.Wait();

        _clock.AdvanceSeconds(10);
        _clock.AdvanceSeconds(2);

        Assert.Equal((stuck, TaskState.TimedOut), Take(heard));
        Assert.Equal((stuck, 1, (int?)2), Take(heard));
        DispatchTask next = Body.Nothing();
        _dispatcher.Dispatch(next);
        Assert.Equal((next, TaskState.Completed), Take(heard));
        Assert.Equal(2, next.Worker);
    }

    [Fact]
    public void A_worker_that_is_replaced_is_no_change_of_their_number_also_when_its_task_is_tried_again()
    {
        using var heard = new BlockingCollection<object>();
        _dispatcher.SetWorkers(1, 1);
        _dispatcher.Run();
        _dispatcher.WorkerReplaced += (_, e) => heard.Add((e.OldWorker, e.NewWorker));
        _dispatcher.TaskFinished += (_, e) => heard.Add((e.Task.State, e.Task.Attempt, e.Task.Worker));
        _dispatcher.Scaled += (_, e) => heard.Add(e);
        using var over = new Gate("the test to be over");
        using var started = new Gate("the task to start");
        DispatchTask stuckOnce = Body.Task(
            _ =>
            {
                if (!started.IsOpen)
                {
                    started.Open();
                    over.WaitThroughInterrupts();
                }
            },
            new TaskOptions { Retries = 1 });
        _dispatcher.Dispatch(stuckOnce);
        started.Wait();

        _clock.AdvanceSeconds(10);
        _clock.AdvanceSeconds(2);

        Assert.Equal((1, (int?)2), Take(heard));
        Assert.Equal((TaskState.Completed, 2, (int?)2), Take(heard));
    }

    [Fact]
    public void A_worker_given_up_during_a_stop_has_no_successor()
    {
        using var heard = new BlockingCollection<object>();
        _dispatcher.SetWorkers(1, 1);
        _dispatcher.Run();
        using var over = new Gate("the test to be over");
        using var started = new Gate("the task to start");
        DispatchTask stuck = Body.Task(_ =>
        {
            started.Open();
            over.WaitThroughInterrupts();
        });
        _dispatcher.Dispatch(stuck);
        started.Wait();
        _dispatcher.WorkerReplaced += (_, e) => heard.Add((e.OldWorker, e.NewWorker));
        _dispatcher.Scaled += (_, e) => heard.Add((e.OldCount, e.NewCount));
        _dispatcher.StatusChanged += (_, e) => heard.Add(e.NewStatus);

        Assert.False(_dispatcher.Quit(drain: false, TimeSpan.Zero));
        _clock.AdvanceSeconds(10);
        _clock.AdvanceSeconds(2);

        Assert.Equal(DispatcherStatus.Stopping, Take(heard));
        Assert.Equal((1, (int?)null), Take(heard));
        Assert.Equal((1, 0), Take(heard));
        Assert.Equal(DispatcherStatus.Stopped, Take(heard));
    }

    [Fact]
    public void Events_come_in_the_order_in_which_things_happened()
    {
        using var heard = new BlockingCollection<object>();
        _dispatcher.SetWorkers(0, 1);
        _dispatcher.TaskFinished += (_, e) => heard.Add(e.Task);
        _dispatcher.StatusChanged += (_, e) => heard.Add(e.NewStatus);
        DispatchTask[] tasks = [.. Enumerable.Range(0, 500).Select(_ => Body.Nothing())];
        Array.ForEach(tasks, task => _dispatcher.Dispatch(task));

        _dispatcher.Run();
        Bounded.Quit(_dispatcher, drain: true);

        object[] told = [.. Enumerable.Range(0, tasks.Length + 4).Select(_ => Take(heard))];
        Assert.Equal(tasks, told.OfType<DispatchTask>());
        Assert.Equal(DispatcherStatus.Running, told[0]);
        Assert.Equal([DispatcherStatus.Stopping, DispatcherStatus.Stopped], told.Skip(tasks.Length + 2));
    }

    [Fact]
    public void A_handler_holds_no_lock_and_no_worker_and_may_call_any_member()
    {
        using var heard = new BlockingCollection<TaskState>();
        using var once = new Gate("the first call");
        _dispatcher.SetWorkers(1, 1);
        _dispatcher.TaskFinished += (_, _) =>
        {
            if (once.IsOpen)
            {
                return;
            }

            once.Open();
            DispatchTask inner = Body.Nothing();
            _dispatcher.Send(inner);
            heard.Add(Bounded.End(inner));
            _ = _dispatcher.Statistics;
            _dispatcher.SetWorkers(1, 2);
            Bounded.Quit(_dispatcher, drain: true);
            _dispatcher.Dispose();
            heard.Add(TaskState.Stopped);
        };
        _dispatcher.Run();

        _dispatcher.Dispatch(Body.Nothing());

        Assert.Equal(TaskState.Completed, Take(heard));
        Assert.Equal(TaskState.Stopped, Take(heard));
    }

    [Fact]
    public void Handlers_run_on_a_background_thread_that_is_no_worker()
    {
        using var heard = new BlockingCollection<(Thread Thread, Dispatcher? Current)>();
        _dispatcher.TaskFinished += (_, _) => heard.Add((Thread.CurrentThread, Dispatcher.Current));
        _dispatcher.Run();
        _dispatcher.Dispatch(Body.Nothing());

        (Thread thread, Dispatcher? current) = Take(heard);

        Assert.Null(current);
        Assert.True(thread.IsBackground);
        Assert.Equal("dze1 events", thread.Name);
    }

    [Fact]
    public void A_handler_that_throws_harms_no_other()
    {
        using var heard = new BlockingCollection<DispatchTask>();
        EventHandler<TaskFinishedEventArgs> combined = (_, _) => throw new InvalidOperationException("bad handler");
        combined += (_, e) => heard.Add(e.Task);
        _dispatcher.TaskFinished += combined;
        _dispatcher.TaskFinished += (_, _) =>
        {
            Thread.CurrentThread.Interrupt();
            throw new HostileException();
        };
        _dispatcher.TaskFinished += (_, e) => heard.Add(e.Task);
        _dispatcher.Run();
        for (int i = 0; i < 3; i++)
        {
            DispatchTask task = Body.Nothing();
            _dispatcher.Dispatch(task);
            Assert.Same(task, Take(heard));
            Assert.Same(task, Take(heard));
        }

        Bounded.Quit(_dispatcher, drain: true);
    }

    [Fact]
    public void A_handler_that_hangs_holds_up_neither_tasks_nor_the_stop()
    {
        using var release = new Gate("the handler to be released");
        using var heard = new BlockingCollection<DispatchTask>();
        _dispatcher.TaskFinished += (_, e) =>
        {
            heard.Add(e.Task);
            release.Wait();
        };
        _dispatcher.Run();
        DispatchTask[] tasks = [.. Enumerable.Range(0, 1000).Select(_ => Body.Nothing())];
        Array.ForEach(tasks, task => _dispatcher.Send(task));

        Bounded.Quit(_dispatcher, drain: true);

        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
        Take(heard);
        Assert.Empty(heard);
        release.Open();
        for (int i = 1; i < tasks.Length; i++)
        {
            Take(heard);
        }
    }

    [Fact]
    public void What_waits_behind_a_handler_that_hangs_is_bounded()
    {
        using var release = new Gate("the handler to be released");
        using var hangs = new Gate("the handler to be called");
        int heard = 0;
        _dispatcher.TaskFinished += (_, _) =>
        {
            heard++;
            hangs.Open();
            release.Wait();
        };
        Finish(1);
        hangs.Wait();
        Finish(12_000);
        _clock.AdvanceSeconds(61);
        Finish(5000);
        using var last = new Gate("the last event");
        _dispatcher.StatusChanged += (_, _) => last.Open();

        release.Open();

        // The slow one of the first minute loses nothing; of what came later, nothing was kept.
        Bounded.Until(() => Volatile.Read(ref heard) == 12_001, "the events that were kept");
        _dispatcher.Run();
        last.Wait();
        Finish(1);
        Bounded.Until(() => Volatile.Read(ref heard) == 12_002, "events to go on");
    }

    [Fact]
    public void Who_is_taken_away_hears_no_more_and_who_comes_later_not_what_was_before()
    {
        using var release = new Gate("the handler to be released");
        using var heard = new BlockingCollection<(string, DispatchTask)>();
        EventHandler<TaskFinishedEventArgs> early = (_, e) =>
        {
            heard.Add(("early", e.Task));
            release.Wait();
        };
        _dispatcher.TaskFinished += early;
        DispatchTask first = Finish(1);
        Assert.Equal(("early", first), Take(heard));
        Finish(3);
        _dispatcher.TaskFinished -= early;
        _dispatcher.TaskFinished += (_, e) => heard.Add(("late", e.Task));
        DispatchTask last = Finish(1);

        release.Open();

        Assert.Equal(("late", last), Take(heard));
        Assert.Empty(heard);
    }

    [Fact]
    public void The_same_handler_twice_is_called_twice_and_once_after_one_is_taken_away()
    {
        using var heard = new BlockingCollection<DispatchTask>();
        using var end = new BlockingCollection<DispatchTask>();
        void Handler(object? sender, TaskFinishedEventArgs e) => heard.Add(e.Task);
        _dispatcher.TaskFinished += Handler;
        _dispatcher.TaskFinished += Handler;
        _dispatcher.TaskFinished += (_, e) => end.Add(e.Task);
        Finish(1);
        Take(end);
        Assert.Equal(2, heard.Count);

        _dispatcher.TaskFinished -= Handler;
        _dispatcher.TaskFinished -= null;

        Finish(1);
        Take(end);
        Assert.Equal(3, heard.Count);
    }

    [LinuxFact]
    public void Without_a_listener_there_is_no_thread_and_afterwards_it_ends()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "dze2", MinWorkers = 0, MaxWorkers = 1, ScaleDownInterval = TimeSpan.FromMilliseconds(1) });
        using var heard = new BlockingCollection<int>();
        dispatcher.Run();
        DispatchTask unheard = Body.Nothing();
        dispatcher.Dispatch(unheard);
        Bounded.End(unheard);
        Assert.DoesNotContain("dze2 events", ThreadNames());

        dispatcher.TaskFinished += (_, _) => heard.Add(ThreadNames().Count(name => name == "dze2 events"));
        for (int i = 0; i < 2; i++)
        {
            dispatcher.Dispatch(Body.Nothing());
            Assert.Equal(1, Take(heard));
            Bounded.Until(() => !ThreadNames().Contains("dze2 events"), "the thread to end");
        }
    }

    private static T Take<T>(BlockingCollection<T> heard) => heard.TryTake(out T? item, Bounded.Limit) ? item : throw new TimeoutException("Waited in vain for an event.");

    /// <summary>So many tasks that end at once, and without a worker.</summary>
    private DispatchTask Finish(int count)
    {
        DispatchTask task = Body.Nothing();
        for (int i = 0; i < count; i++)
        {
            task = Body.Nothing();
            _dispatcher.Dispatch(task);
            task.Stop();
        }

        return task;
    }

    private static List<string> ThreadNames()
    {
        var names = new List<string>();
        foreach (string folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                names.Add(File.ReadAllText(folder + "/comm").TrimEnd());
            }
            catch (IOException)
            {
                // It ended while it was looked at.
            }
        }

        return names;
    }

    private sealed class HostileException : Exception
    {
        public override string Message => throw new InvalidOperationException("no message either");
    }
}
