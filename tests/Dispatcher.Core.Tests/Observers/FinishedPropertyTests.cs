using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Observers;

/// <summary>Whatever happens to tasks: each that was accepted has one event and one line in the log, with its final state.</summary>
public sealed class FinishedPropertyTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_accepted_task_finishes_exactly_once(int seed)
    {
        using var over = new Gate("the test to be over");
        var heard = new ConcurrentQueue<(DispatchTask, TaskState)>();
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 1,
            MaxWorkers = 4,
            QueueSize = 50,
            QueueFullMode = seed == 1 ? QueueFullMode.Overflow : QueueFullMode.Reject,
            TaskTimeout = TimeSpan.FromMilliseconds(30),
            StopGrace = TimeSpan.FromMilliseconds(5),
            LogPath = _path,
        });
        dispatcher.TaskFinished += (_, e) => heard.Enqueue((e.Task, e.Task.State));
        dispatcher.Run();
        var accepted = new ConcurrentBag<DispatchTask>();
        Bounded.OnThreads(3, thread =>
        {
            var random = new Random((seed * 10) + thread);
            for (int i = 0; i < 300; i++)
            {
                DispatchTask task = Make(random, over);
                dispatcher.Dispatch(task);
                if (task.Dispatcher is not null)
                {
                    accepted.Add(task);
                }

                switch (random.Next(20))
                {
                    case 0:
                        task.Stop();
                        break;
                    case 1:
                        dispatcher.SetWorkers(random.Next(2), random.Next(2, 5));
                        break;
                    case 2 when i > 200:
                        dispatcher.Quit(drain: false, TimeSpan.Zero);
                        dispatcher.StopRunningTasks();
                        Bounded.Quit(dispatcher, drain: false);
                        dispatcher.Run();
                        break;
                    default:
                        break;
                }
            }
        });

        if (seed == 3)
        {
            dispatcher.Dispose();
        }

        Bounded.Quit(dispatcher, drain: seed != 3);
        Bounded.Until(() => heard.Count >= accepted.Count, "an event for each task");
        Assert.Equal(accepted.OrderBy(task => task.Id).Select(task => (task, task.State)), heard.OrderBy(one => one.Item1.Id));

        // Quit has waited for these.
        var logged = File.ReadLines(_path).Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(line => line.GetProperty("id").GetInt64());
        Assert.Equal(accepted.Select(task => task.Id).Order(), logged.Keys.Order());
        Assert.All(accepted, task => Assert.Equal(task.State.ToString(), logged[task.Id].GetProperty("state").GetString()));
    }

    private static DispatchTask Make(Random random, Gate over) => random.Next(12) switch
    {
        0 => Body.Task(_ => throw new InvalidOperationException("fails")),
        1 => Body.Task(_ => throw new InvalidOperationException("fails"), new TaskOptions { Retries = 2, RetryDelay = TimeSpan.FromMilliseconds(random.Next(3)) }),
        2 => Body.Task(context => context.CancellationToken.WaitHandle.WaitOne()),
        3 => Body.Task(_ => over.Wait()),
        _ => Body.Nothing(new TaskOptions { Timeout = Timeout.InfiniteTimeSpan }),
    };
}
