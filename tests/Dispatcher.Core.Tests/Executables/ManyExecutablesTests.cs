using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Executables;

/// <summary>Many executables, and much output. What they cost is measured in the whole process, so nothing else runs meanwhile.</summary>
[Collection(AloneCollection.Name)]
public sealed class ManyExecutablesTests
{
    private const long Gigabyte = 1_000_000_000;

    [LinuxFact]
    public void Ten_thousand_leave_no_zombie_no_descriptor_and_no_thread()
    {
        Run(8, Timeout.InfiniteTimeSpan, [.. Enumerable.Range(0, 20).Select(_ => Nothing())]);
        int before = Directory.GetFiles("/proc/self/fd").Length;
        DispatchTask[] tasks = [.. Enumerable.Range(0, 10_000).Select(_ => Nothing())];

        Run(8, Timeout.InfiniteTimeSpan, tasks);

        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
        Bounded.Until(() => Directory.GetFiles("/proc/self/fd").Length <= before, "the descriptors to be closed");
        Bounded.Until(() => !Threads().Any(name => name.StartsWith("many worker", StringComparison.Ordinal)), "the threads to end");
        Assert.Empty(Zombies());
    }

    [LinuxFact]
    public void Two_hundred_trees_that_time_out_leave_no_process()
    {
        string duration = "3000.7" + Guid.NewGuid().GetHashCode().ToString("D10", CultureInfo.InvariantCulture).TrimStart('-');
        string script = "sh -c 'sh -c \"sleep " + duration + " & wait\" & wait' & (setsid sh -c 'trap \"\" TERM; sleep " + duration + "; sleep " + duration + "' &) ; wait; sleep " + duration;
        DispatchTask[] tasks = [.. Enumerable.Range(0, 200).Select(_ => TestProgram.Shell(script, new TaskOptions { Timeout = TimeSpan.FromSeconds(0.5) }))];

        Run(20, TimeSpan.FromSeconds(0.1), tasks);

        Assert.All(tasks, task => Assert.Equal(TaskState.TimedOut, task.State));
        Bounded.Until(() => !IsRunning(duration), "all processes to be gone");
    }

    [LinuxFact]
    public void A_gigabyte_to_a_file_does_not_come_by()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        long before = GC.GetTotalAllocatedBytes(precise: true);
        var task = new DispatchTask(new ExecutableTask("head", ["-c", Gigabyte.ToString(CultureInfo.InvariantCulture), "/dev/zero"]) { OutputFile = file });

        Run(1, Timeout.InfiniteTimeSpan, [task]);

        Assert.Equal(TaskState.Completed, task.State);
        Assert.Equal(Gigabyte, new FileInfo(file).Length);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 20_000_000);
        File.Delete(file);
    }

    [LinuxFact]
    public void Much_on_both_pipes_takes_no_more_memory_than_is_held()
    {
        const int Size = 100_000_000;
        using var dispatcher = new Dispatcher(new DispatcherOptions { TaskTimeout = Timeout.InfiniteTimeSpan });
        dispatcher.Run();
        DispatchTask task = TestProgram.Task("both", Size.ToString(CultureInfo.InvariantCulture));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        dispatcher.Send(task);

        long received = 0;
        while (!task.Wait(TimeSpan.Zero) || task.GetRecords().Length > 0)
        {
            received += task.TakeRecords().Sum(record => ((string)record.Value!).Length + 1);
            Thread.Yield();
        }

        Assert.Equal(TaskState.Completed, task.State);
        Assert.InRange(received, Size, Size + 1);
        Assert.Contains("dropped", task.GetStandardError()[0], StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 60_000_000);
        GC.KeepAlive(task);
    }

    private static DispatchTask Nothing() => new(new ExecutableTask("/bin/true"));

    private static void Run(int workers, TimeSpan grace, DispatchTask[] tasks)
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            Name = "many",
            MinWorkers = workers,
            MaxWorkers = workers,
            QueueSize = tasks.Length,
            TaskTimeout = Timeout.InfiniteTimeSpan,
            StopGrace = grace < TimeSpan.Zero ? TimeSpan.FromSeconds(2) : grace,
        });
        dispatcher.Run();
        Array.ForEach(tasks, task => dispatcher.Send(task));
        Bounded.End(tasks);
        Bounded.Quit(dispatcher, drain: true);
    }

    private static IEnumerable<string> Threads() => Directory.GetDirectories("/proc/self/task").Select(folder => Read(Path.Combine(folder, "comm")));

    private static IEnumerable<string> Zombies() => Directory.GetDirectories("/proc/self/task")
        .SelectMany(folder => Read(Path.Combine(folder, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(id => Read("/proc/" + id + "/stat").Contains(") Z ", StringComparison.Ordinal));

    private static bool IsRunning(string argument) => Directory.GetDirectories("/proc")
        .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
        .Any(folder => Read(Path.Combine(folder, "cmdline")).Contains(argument, StringComparison.Ordinal));

    private static string Read(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return string.Empty;
        }
    }
}
