using System;
using System.Collections.Generic;
using System.Linq;

namespace Dispatching.Tests.Support;

/// <summary>
/// A running dispatcher whose tasks start and end only when a test says so: its one worker is kept busy, and everything else
/// is taken by hand. So the order is exact.
/// </summary>
internal sealed class HandRun : IDisposable
{
    private static readonly TaskOptions s_unlimited = new() { Timeout = System.Threading.Timeout.InfiniteTimeSpan };

    private readonly Dictionary<DispatchTask, TaskContext> _attempts = [];
    private readonly Blocker _blocker;

    internal HandRun(
        Rate? rate = null,
        GroupLimit? groups = null,
        FailureLimit? maxFailures = null,
        FailureAction action = FailureAction.StopPending,
        int queueSize = 1000,
        QueueFullMode mode = QueueFullMode.Overflow,
        Func<double>? random = null)
    {
        Dispatcher = new Dispatcher(new DispatcherOptions
        {
            Clock = Clock,
            MinWorkers = 0,
            MaxWorkers = 1,
            QueueSize = queueSize,
            QueueFullMode = mode,
            GroupLimit = groups,
            MaxFailures = maxFailures,
            FailureAction = action,
            TaskTimeout = System.Threading.Timeout.InfiniteTimeSpan,
            Random = random ?? (() => 0),
        });
        Dispatcher.Run();
        _blocker = Blocker.On(Dispatcher, s_unlimited);
        Dispatcher.RateLimit = rate; // Only now: the start of the blocker does not count.
        Runner = new TestRunner(Dispatcher);
    }

    internal FakeClock Clock { get; } = new();

    internal Dispatcher Dispatcher { get; }

    internal TestRunner Runner { get; }

    /// <summary>Lets go of the worker, which then takes tasks of its own accord.</summary>
    internal void Release() => _blocker.Release();

    internal DispatchTask Send(TaskOptions? options = null)
    {
        DispatchTask task = Body.Nothing(options);
        Dispatcher.Dispatch(task);
        return task;
    }

    internal DispatchTask[] Send(int count, TaskOptions? options = null) => [.. Enumerable.Range(0, count).Select(_ => Send(options))];

    /// <summary>Starts so many tasks, or as many as may start, and returns them in that order.</summary>
    internal DispatchTask[] Start(int max = 1_000_000)
    {
        List<TaskContext> attempts = Runner.Take(max);
        attempts.ForEach(attempt => _attempts[attempt.Task] = attempt);
        return [.. attempts.Select(attempt => attempt.Task)];
    }

    internal TaskContext AttemptOf(DispatchTask task) => _attempts[task];

    internal void Complete(params DispatchTask[] tasks) => Array.ForEach(tasks, task => Runner.Complete(_attempts[task]));

    internal void Fail(params DispatchTask[] tasks) => Array.ForEach(tasks, task => Fail(task, new InvalidOperationException("no")));

    internal void Fail(DispatchTask task, Exception error) => Runner.Complete(_attempts[task], error);

    /// <summary>Lets time pass, and rings what is due.</summary>
    internal void Pass(double seconds) => Clock.AdvanceSeconds(seconds);

    public void Dispose()
    {
        _blocker.Dispose();
        Dispatcher.Dispose();
    }
}
