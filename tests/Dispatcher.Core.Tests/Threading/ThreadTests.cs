using System;
using System.IO;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Threading;

public sealed class ThreadTests
{
    [LinuxFact]
    public void After_Quit_no_thread_of_the_dispatcher_remains()
    {
        // The kernel keeps 15 characters of a thread's name.
        const string Name = "dzq7";
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = Name, MinWorkers = 4, MaxWorkers = 8 });
        dispatcher.Run();
        Blocker.CheckStrength(dispatcher, 8);
        Assert.Equal(8, CountThreads(Name));

        Bounded.Quit(dispatcher, drain: true);

        // The last thing a worker does is to say that it is done.
        Bounded.Until(() => CountThreads(Name) == 0, "the threads to end");
    }

    [LinuxFact]
    public void After_Dispose_no_thread_of_the_dispatcher_remains()
    {
        const string Name = "dzq8";
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = Name, MinWorkers = 2, MaxWorkers = 2 });
        dispatcher.Run();
        DispatchTask running = Body.Task(context => Bounded.Wait(context.CancellationToken.WaitHandle, "the stop"));
        dispatcher.Dispatch(running);
        Bounded.Until(() => running.State == TaskState.Running, "the task to run");

        dispatcher.Dispose();

        Assert.Equal(TaskState.Stopped, Bounded.End(running));
        Bounded.Until(() => CountThreads(Name) == 0, "the threads to end");
    }

    [LinuxFact]
    public void The_thread_of_a_stuck_task_ends_when_the_interrupt_frees_it()
    {
        const string Name = "dzq9";
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = Name, MinWorkers = 1, MaxWorkers = 1, Clock = clock });
        dispatcher.Run();
        using Blocker stuck = Blocker.On(dispatcher);
        clock.AdvanceSeconds(12);
        Assert.Equal(TaskState.TimedOut, stuck.Task.State);

        Bounded.Until(() => CountThreads(Name) == 1, "the stuck thread to end");

        Bounded.Quit(dispatcher, drain: true);
        Bounded.Until(() => CountThreads(Name) == 0, "the threads to end");
    }

    [Fact]
    public void Workers_are_background_threads_named_after_the_dispatcher()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "named" });
        Thread? thread = null;
        DispatchTask task = Body.Task(_ => thread = Thread.CurrentThread);
        dispatcher.Dispatch(task);

        dispatcher.Run();

        Bounded.End(task);
        Assert.StartsWith("named", thread!.Name, StringComparison.Ordinal);
        Assert.True(thread.IsBackground);
    }

    private static int CountThreads(string name) => Directory.EnumerateDirectories("/proc/self/task").Count(folder =>
    {
        try
        {
            return File.ReadAllText(folder + "/comm").StartsWith(name, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It ended while it was looked at.
            return false;
        }
    });
}
