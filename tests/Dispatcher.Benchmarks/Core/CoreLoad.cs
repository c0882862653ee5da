using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Channels;

namespace Dispatching.Benchmarks;

/// <summary>Many tasks that do nothing: what is left is the dispatcher, or what stands in its place.</summary>
internal static class CoreLoad
{
    /// <summary>Sends tasks, each with its handle, from so many threads, and waits until the last has ended.</summary>
    /// <returns>Nanoseconds a task.</returns>
    internal static double RunDispatcher(int count, int producers, int workers)
    {
        var body = new NoOperation();
        return RunDispatcher(count, producers, workers, groupLimit: null, () => new DispatchTask(body));
    }

    /// <summary>The same with tasks of which each has another priority than the one before.</summary>
    /// <returns>Nanoseconds a task.</returns>
    internal static double RunPriorities(int count, int workers)
    {
        var body = new NoOperation();
        TaskOptions[] options = [.. Enumerable.Range(0, 10).Select(priority => new TaskOptions { Priority = priority })];
        int next = 0;
        return RunDispatcher(count, producers: 1, workers, groupLimit: null, () => new DispatchTask(body, options[next++ % options.Length]));
    }

    /// <summary>The same with tasks of 1,000 groups in turn, of which one at a time runs.</summary>
    /// <returns>Nanoseconds a task.</returns>
    internal static double RunGroups(int count, int workers)
    {
        var body = new NoOperation();
        TaskOptions[] options = [.. Enumerable.Range(0, 1000).Select(group => new TaskOptions { Group = "group " + group })];
        int next = 0;
        return RunDispatcher(count, producers: 1, workers, new GroupLimit(1), () => new DispatchTask(body, options[next++ % options.Length]));
    }

    /// <summary>The same in stages: one task, and nine that depend on it.</summary>
    /// <returns>Nanoseconds a task.</returns>
    internal static double RunDependencies(int count, int workers)
    {
        var body = new NoOperation();
        TaskOptions? options = null;
        int next = 0;
        return RunDispatcher(count, producers: 1, workers, groupLimit: null, () =>
        {
            if (next++ % 10 != 0)
            {
                return new DispatchTask(body, options);
            }

            var first = new DispatchTask(body);
            options = new TaskOptions { DependsOn = [first] };
            return first;
        });
    }

    private static double RunDispatcher(int count, int producers, int workers, GroupLimit? groupLimit, Func<DispatchTask> create)
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = workers,
            MaxWorkers = workers,
            TaskTimeout = TimeSpan.FromSeconds(30),
            HistorySize = 0,
            QueueSize = 4096,
            GroupLimit = groupLimit,
        });
        dispatcher.Run();
        double time = Time(count, producers, () => dispatcher.Send(create()), () => dispatcher.Quit(drain: true));
        if (dispatcher.Statistics.Completed != count)
        {
            throw new InvalidOperationException(dispatcher.Statistics.Completed + " of " + count + " tasks completed.");
        }

        return time;
    }

    /// <summary>The floor: delegates through an unbounded channel, read and called by threads.</summary>
    /// <returns>Nanoseconds a delegate.</returns>
    internal static double RunChannel(int count, int readers)
    {
        var channel = Channel.CreateUnbounded<Action>();
        int done = 0;
        Action body = static () => { };
        var threads = new Thread[readers];
        for (int i = 0; i < readers; i++)
        {
            threads[i] = new Thread(() =>
            {
                int mine = 0;
                while (channel.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                {
                    while (channel.Reader.TryRead(out Action? action))
                    {
                        action();
                        mine++;
                    }
                }

                Interlocked.Add(ref done, mine);
            });
            threads[i].Start();
        }

        double time = Time(count, producers: 1, () => channel.Writer.TryWrite(body), () =>
        {
            channel.Writer.Complete();
            Array.ForEach(threads, thread => thread.Join());
        });
        if (done != count)
        {
            throw new InvalidOperationException(done + " of " + count + " delegates ran.");
        }

        return time;
    }

    private static double Time(int count, int producers, Action send, Action finish)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var watch = Stopwatch.StartNew();
        if (producers == 1)
        {
            Send(count, send);
        }
        else
        {
            var threads = new Thread[producers];
            for (int i = 0; i < producers; i++)
            {
                threads[i] = new Thread(() => Send(count / producers, send));
                threads[i].Start();
            }

            Array.ForEach(threads, thread => thread.Join());
        }

        finish();
        return watch.Elapsed.TotalNanoseconds / count;
    }

    private static void Send(int count, Action send)
    {
        for (int i = 0; i < count; i++)
        {
            send();
        }
    }

    private sealed class NoOperation : IDispatchable
    {
        public void Execute(TaskContext context)
        {
        }
    }
}
