using System;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

/// <summary>The system has no thread to give. No task is lost by that, and no limit.</summary>
[Collection(AloneCollection.Name)]
public sealed class FailedThreadStartTests : IDisposable
{
    private volatile string _refused = string.Empty;
    private int _interrupts;
    private int _refusals;

    public FailedThreadStartTests() => AppContext.SetData("Dispatching.ThreadStartFilter", new Func<string, bool>(MayStart));

    public void Dispose() => AppContext.SetData("Dispatching.ThreadStartFilter", null);

    [Fact]
    public void Tasks_wait_until_there_is_a_thread_again()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "starved", Clock = clock, MinWorkers = 2, MaxWorkers = 4 });
        _refused = "starved";

        dispatcher.Run();
        DispatchTask[] tasks = [.. Enumerable.Range(0, 10).Select(_ => Body.Nothing())];
        Assert.All(tasks, task => Assert.True(dispatcher.Dispatch(task)));

        Assert.Equal(0, dispatcher.WorkerCount);
        Assert.Equal(10, dispatcher.Statistics.Pending);
        _refused = string.Empty;
        clock.AdvanceSeconds(1.1);
        Bounded.End(tasks);
        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
        Bounded.Quit(dispatcher, drain: true);
    }

    [Fact]
    public void Those_that_are_there_go_on()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "starved", Clock = clock, MinWorkers = 1, MaxWorkers = 8 });
        dispatcher.Run();
        Bounded.Until(() => dispatcher.IdleWorkerCount == 1, "the worker");
        _refused = "starved";

        DispatchTask[] tasks = [.. Enumerable.Range(0, 100).Select(_ => Body.Nothing())];
        Assert.All(tasks, task => Assert.True(dispatcher.Dispatch(task)));

        Bounded.End(tasks);
        Assert.Equal(1, dispatcher.WorkerCount);
        Assert.InRange(_refusals, 1, 5);
    }

    [Fact]
    public void A_worker_that_is_given_up_is_replaced_later()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "starved", Clock = clock, MinWorkers = 1, MaxWorkers = 1, TaskTimeout = TimeSpan.FromSeconds(10), StopGrace = TimeSpan.Zero });
        dispatcher.Run();
        using Blocker stuck = Blocker.On(dispatcher);
        DispatchTask next = Body.Nothing();
        dispatcher.Dispatch(next);
        _refused = "starved";

        clock.AdvanceSeconds(11);

        Assert.Equal(TaskState.TimedOut, stuck.Task.State);
        _refused = string.Empty;
        clock.AdvanceSeconds(1.1);
        Assert.Equal(TaskState.Completed, Bounded.End(next));
    }

    [Fact]
    public void A_limit_is_kept_although_the_alarm_had_no_thread_when_it_was_set()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, TaskTimeout = TimeSpan.FromSeconds(0.2), StopGrace = TimeSpan.Zero });
        dispatcher.Run();
        _refused = "Dispatcher alarm";

        using Blocker stuck = Blocker.On(dispatcher);

        Bounded.Until(() => Volatile.Read(ref _refusals) > 1, "another try");
        _refused = string.Empty;
        Assert.Equal(TaskState.TimedOut, Bounded.End(stuck.Task));
    }

    [Fact]
    public void A_stop_needs_no_thread_that_is_not_there()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, StopGrace = TimeSpan.FromSeconds(0.1), TaskTimeout = Timeout.InfiniteTimeSpan });
        dispatcher.Run();
        DispatchTask program = TestProgram.Task("ignore-term", "3000");
        dispatcher.Dispatch(program);
        TestProgram.WaitForLines(program, 1);
        _refused = "Dispatcher";

        Assert.True(program.Stop());
        _refused = "Dispatcher stop Dispatcher force";

        Assert.Equal(TaskState.Stopped, Bounded.End(program));
    }

    [Fact]
    public void Events_that_could_not_be_told_are_told_with_the_next()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "starved", MinWorkers = 1, MaxWorkers = 1 });
        int told = 0;
        using var both = new Gate("both to be told");
        dispatcher.TaskFinished += (_, _) =>
        {
            if (Interlocked.Increment(ref told) == 2)
            {
                both.Open();
            }
        };
        dispatcher.Run();
        _refused = "starved events";
        DispatchTask first = Body.Nothing();
        dispatcher.Dispatch(first);
        Bounded.End(first);
        Assert.Equal(0, told);
        _refused = string.Empty;

        dispatcher.Dispatch(Body.Nothing());

        both.Wait();
    }

    [Fact]
    public void An_interrupt_at_the_start_of_a_thread_loses_no_worker()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "starved", MinWorkers = 1, MaxWorkers = 1 });
        _interrupts = 1;

        dispatcher.Run();
        DispatchTask task = Body.Nothing();
        dispatcher.Dispatch(task);

        Assert.Equal(TaskState.Completed, Bounded.End(task));
        Bounded.Quit(dispatcher, drain: true);
    }

    private bool MayStart(string name)
    {
        if (_interrupts > 0 && name.StartsWith("starved", StringComparison.Ordinal) && Interlocked.Decrement(ref _interrupts) == 0)
        {
            // As one that is meant for a task and arrives late does, where the thread then waits for a lock.
            Thread.CurrentThread.Interrupt();
            Thread.CurrentThread.Join(0);
        }

        string refused = _refused;
        bool isRefused = refused.Length > 0 && (name.StartsWith(refused, StringComparison.Ordinal) || refused.Contains(name, StringComparison.Ordinal));
        if (isRefused)
        {
            Interlocked.Increment(ref _refusals);
        }

        return !isRefused;
    }
}
