using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Workers;

/// <summary>What is left of an interrupt must reach neither the next task of a host nor the worker's own steps.</summary>
public sealed class InterruptTests
{
    [Fact]
    public void A_hosted_body_that_interrupts_its_own_thread_does_not_disturb_the_next_task()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, CreateWorkerHost = () => new FakeHost() });
        var disturbed = new List<long>();
        for (int i = 0; i < 50; i++)
        {
            dispatcher.Dispatch(FakeHost.Task(_ => Thread.CurrentThread.Interrupt()));
            dispatcher.Dispatch(FakeHost.Task(context =>
            {
                try
                {
                    Thread.CurrentThread.Join(0);
                }
                catch (ThreadInterruptedException)
                {
                    disturbed.Add(context.Task.Id);
                }
            }));
        }

        dispatcher.Run();

        Bounded.Quit(dispatcher, drain: true);
        Assert.Empty(disturbed);
        Assert.Equal(100, dispatcher.Statistics.Completed);
    }

    [Fact]
    public void Bodies_that_interrupt_their_own_threads_disturb_no_bookkeeping()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 0, MaxWorkers = 4, QueueSize = 4 });
        dispatcher.Run();
        int ended = 0;
        Bounded.OnThreads(4, _ =>
        {
            for (int i = 0; i < 3000; i++)
            {
                var options = new TaskOptions { Retries = i % 3 == 0 ? 1 : 0 };
                DispatchTask task = Body.Task(
                    context =>
                    {
                        Thread.CurrentThread.Interrupt();
                        if (context.Attempt <= options.Retries)
                        {
                            throw new InvalidOperationException("again");
                        }
                    },
                    options);
                dispatcher.Send(task);
                if (i % 10 == 0)
                {
                    Assert.Equal(TaskState.Completed, Bounded.End(task));
                }

                Interlocked.Increment(ref ended);
            }
        });

        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(12_000, dispatcher.Statistics.Completed);
        Assert.Equal(12_000, ended);
    }

    [Fact]
    public void A_body_that_interrupts_its_own_thread_while_it_is_being_stopped_ends_as_stopped()
    {
        // The host takes its time to be asked, so that the worker is done first and has to wait for that.
        using var asked = new Gate("the request to stop");
        using var leaving = new Gate("the body to leave");
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 1,
            MaxWorkers = 1,
            CreateWorkerHost = () => new FakeHost
            {
                OnRequestStop = () =>
                {
                    asked.Open();
                    leaving.Wait();
                    SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(50));
                },
            },
        });
        using var started = new Gate("the task to start");
        DispatchTask task = FakeHost.Task(_ =>
        {
            started.Open();
            asked.Wait();
            Thread.CurrentThread.Interrupt();
            leaving.Open();
        });
        dispatcher.Dispatch(task);
        dispatcher.Run();
        started.Wait();

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Blocker.CheckStrength(dispatcher, 1);
        Bounded.Quit(dispatcher, drain: true);
    }

    [Fact]
    public void Stops_and_limits_that_meet_the_end_of_a_task_never_reach_the_next()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 2,
            MaxWorkers = 2,
            TaskTimeout = TimeSpan.FromMilliseconds(2),
            StopGrace = TimeSpan.FromMilliseconds(1),
        });
        dispatcher.Run();
        int disturbed = 0;
        DispatchTask[] tasks = [.. Enumerable.Range(0, 1500).Select(i => i % 2 == 0
            ? Body.Task(_ => Thread.Sleep(TimeSpan.FromMilliseconds(i % 5)))
            : Body.Task(
                _ =>
                {
                    try
                    {
                        Thread.CurrentThread.Join(0);
                    }
                    catch (ThreadInterruptedException)
                    {
                        Interlocked.Increment(ref disturbed);
                    }
                },
                new TaskOptions { Timeout = Timeout.InfiniteTimeSpan }))];

        foreach (DispatchTask task in tasks)
        {
            dispatcher.Send(task);
            if (task.Id % 3 == 0 && tasks[0] != task)
            {
                tasks[Array.IndexOf(tasks, task) / 2 * 2].Stop();
            }
        }

        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(0, disturbed);
        Assert.All(tasks.Where((_, i) => i % 2 != 0), task => Assert.Equal(TaskState.Completed, task.State));
        Assert.All(tasks, task => Assert.True(task.IsEnded));
    }
}
