using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CsCheck;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

/// <summary>
/// Whatever is done to a dispatcher in whatever order: no task starts before it may, and none that may start waits while
/// there is somebody to run it.
/// </summary>
public sealed class PolicyPropertyTests
{
    private static readonly string?[] s_groups = [null, null, "a", "A", "b", "c"];

    private static readonly Gen<(string Name, int Value)> s_step = Gen.Frequency(
        (12, Gen.Int[0, 1_000_000].Select(value => ("send", value))),
        (8, Gen.Int[0, 1000].Select(which => ("complete", which))),
        (4, Gen.Int[0, 1000].Select(which => ("fail", which))),
        (2, Gen.Int[0, 1000].Select(which => ("stop a task", which))),
        (3, Gen.Int[0, 1000].Select(which => ("priority", which))),
        (6, Gen.Int[0, 30].Select(tenths => ("time passes", tenths))),
        (2, Gen.Int[0, 4].Select(count => ("rate", count))),
        (2, Gen.Int[0, 3].Select(limit => ("groups", limit))),
        (1, Gen.Const(("suspend", 0))),
        (2, Gen.Const(("resume", 0))),
        (1, Gen.Int[1, 6].Select(size => ("queue size", size))),
        (2, Gen.Int[1, 5].Select(count => ("places", count))),
        (1, Gen.Int[0, 4].Select(count => ("failures", count))));

    private static readonly Gen<QueueFullMode> s_mode = Gen.Int[0, 2].Select(mode => (QueueFullMode)mode);

    [Fact]
    public void Each_task_starts_when_it_may_and_not_before() => Gen.Select(s_mode, s_step.Array[10, 80]).Sample(
        (mode, steps) =>
        {
            using var run = new ExactRun(mode);
            foreach ((string name, int value) in steps)
            {
                run.Do(name, value);
                run.Check();
            }

            run.Finish();
        },
        iter: 1500,
        threads: 1);

    [Fact]
    public void So_it_is_with_workers() => Gen.Select(s_mode, s_step.Array[10, 60], s_step.Array[5, 30]).Sample(
        (mode, first, second) =>
        {
            using var run = new WorkerRun(mode);
            (string Name, int Value)[][] sequences = [first, second];
            Bounded.OnThreads(2, index => Array.ForEach(sequences[index], step => run.Do(step.Name, step.Value)));
            run.Finish();
        },
        iter: 300,
        threads: 1);

    /// <summary>The settings of a task, drawn from one number.</summary>
    private static TaskOptions Draw(int seed, IReadOnlyList<DispatchTask> earlier)
    {
        var random = new Random(seed);
        int dependencies = earlier.Count == 0 ? 0 : Math.Max(0, random.Next(-4, 4));
        return new TaskOptions
        {
            Priority = random.Next(-2, 3) * random.Next(0, 2),
            Group = s_groups[random.Next(s_groups.Length)],
            Delay = TimeSpan.FromSeconds(Math.Max(0, random.Next(-6, 4))),
            Retries = Math.Max(0, random.Next(-3, 3)),
            RetryDelay = TimeSpan.FromSeconds(random.Next(0, 3)),
            RetryBackoff = (RetryBackoff)random.Next(3),
            Timeout = random.Next(4) == 0 ? TimeSpan.FromSeconds(2) : Timeout.InfiniteTimeSpan,
            DependsOn = [.. Enumerable.Range(0, dependencies).Select(_ => earlier[random.Next(Math.Max(0, earlier.Count - 10), earlier.Count)])],
            DependencyMode = (DependencyMode)random.Next(2),
        };
    }

    /// <summary>Sets what a dispatcher can change. Returns whether the step was one of these.</summary>
    private static bool TrySet(Dispatcher dispatcher, string name, int value)
    {
        switch (name)
        {
            case "rate":
                dispatcher.RateLimit = value == 0 ? null : new Rate(value, TimeSpan.FromSeconds(1));
                return true;
            case "groups":
                dispatcher.GroupLimit = value == 0 ? null : new GroupLimit(new Dictionary<string, int> { ["a"] = value }, value == 2 ? 1 : null);
                return true;
            case "suspend":
                dispatcher.Suspend();
                return true;
            case "resume":
                dispatcher.Resume();
                return true;
            case "queue size":
                dispatcher.QueueSize = value;
                return true;
            case "failures":
                dispatcher.MaxFailures = value == 0 ? null : FailureLimit.OfCount(value * 3);
                return true;
            default:
                return false;
        }
    }

    private static void CheckSettled(DispatchTask task)
    {
        DispatchTask? cause = (task.Exception as DependencyFailedException)?.Cause;
        bool isFailed = task.DependsOn.Any(other => other.State != TaskState.Completed);
        Assert.True(task.Attempt == 0 || task.Options.DependencyMode == DependencyMode.Ended || !isFailed, "It ran although one that it depends on did not complete.");
        Assert.True(cause is null || (task.State == TaskState.Stopped && task.Attempt == 0 && cause.State > TaskState.Completed), "It was stopped without a cause.");
    }

    private static void CheckCounts(Dispatcher dispatcher, IReadOnlyCollection<DispatchTask> accepted, long refused, int others)
    {
        DispatcherStatistics end = dispatcher.Statistics;
        long Count(TaskState state) => accepted.Count(task => task.State == state);
        Assert.Equal((accepted.Count + others, refused, 0, 0), (end.Sent, end.Rejected, end.Pending, end.Running));
        Assert.Equal(
            (Count(TaskState.Completed) + others, Count(TaskState.Failed), Count(TaskState.TimedOut), Count(TaskState.Stopped)),
            (end.Completed, end.Failed, end.TimedOut, end.Stopped));
    }

    /// <summary>Tasks are taken by hand, so that after each step it is known what must and what must not have started.</summary>
    private sealed class ExactRun : IDisposable
    {
        private readonly HandRun _run;
        private readonly List<DispatchTask> _accepted = [];
        private readonly List<DispatchTask> _running = [];
        private readonly Dictionary<DispatchTask, DateTimeOffset> _due = [];
        private readonly List<DateTimeOffset> _starts = [];
        private readonly List<DateTimeOffset> _rated = [];
        private long _refused;
        private int _places = 3;
        private int _wakes = -1;
        private bool _asks = true;

        internal ExactRun(QueueFullMode mode) => _run = new HandRun(queueSize: 4, mode: mode);

        private Dispatcher Dispatcher => _run.Dispatcher;

        private DateTimeOffset Now => _run.Clock.ToDateTime(_run.Clock.GetTimestamp());

        internal void Do(string name, int value)
        {
            switch (name)
            {
                case "send":
                    Send(Draw(value, _accepted));
                    break;
                case "complete" when _running.Count > 0:
                    End(value, error: null);
                    break;
                case "fail" when _running.Count > 0:
                    End(value, new InvalidOperationException("no"));
                    break;
                case "stop a task" when _accepted.Count > 0:
                    _accepted[value % _accepted.Count].Stop();
                    break;
                case "priority" when _accepted.Count > 0:
                    _accepted[value % _accepted.Count].Priority = value / 100;
                    break;
                case "time passes":
                    _run.Pass(value / 10.0);
                    break;
                case "places":
                    _asks |= value > _places;
                    _places = value;
                    break;
                case "rate" when value == 0:
                    _rated.Clear();
                    break;
            }

            TrySet(Dispatcher, name, value);
        }

        internal void Check()
        {
            _run.Pass(0);
            foreach (DispatchTask abandoned in _running.Where(task => task.State != TaskState.Running).ToList())
            {
                _running.Remove(abandoned);
                _due[abandoned] = DateTimeOffset.MaxValue; // If there is another attempt: at an instant that nobody has noted.
                _asks = true;
            }

            Take();
            _accepted.ForEach(CheckPending);
            DispatcherStatistics s = Dispatcher.Statistics;
            Assert.Equal(s.Sent, s.Pending + s.Running + s.Completed + s.Failed + s.TimedOut + s.Stopped);
            Assert.Equal(_running.Count + 1, s.Running);
        }

        internal void Finish()
        {
            Dispatcher.RateLimit = null;
            _places = 1000;
            _asks = true;
            for (int i = 0; i < 500 && _accepted.Exists(task => !task.IsEnded); i++)
            {
                Dispatcher.Resume();
                Check();
                while (_running.Count > 0)
                {
                    End(0, error: null);
                }

                _run.Pass(1);
            }

            _accepted.ForEach(CheckSettled);
            _run.Release();
            Bounded.Quit(Dispatcher, drain: true);
            CheckCounts(Dispatcher, _accepted, _refused, others: 1);
        }

        public void Dispose() => _run.Dispose();

        private void Send(TaskOptions options)
        {
            DispatchTask task = Body.Nothing(options);
            if (Dispatcher.HaltReason is not null)
            {
                Assert.Throws<DispatcherHaltedException>(() => Dispatcher.Dispatch(task));
                return;
            }

            _due[task] = Now + options.Delay;
            if (Dispatcher.Dispatch(task) || Dispatcher.QueueFullMode == QueueFullMode.Overflow)
            {
                _accepted.Add(task);
            }
            else
            {
                _refused++;
            }
        }

        /// <summary>Takes tasks as a worker would: when it has a place for one more, or is woken.</summary>
        private void Take()
        {
            int free = _places - _running.Count;
            if (free <= 0 || (!_asks && _run.Runner.WakeCount == _wakes))
            {
                _asks |= free <= 0;
                return;
            }

            DispatchTask[] started = _run.Start(free);
            _wakes = _run.Runner.WakeCount;
            _asks = started.Length == free;
            foreach (DispatchTask task in started)
            {
                Assert.True(Now >= _due[task] || _due[task] == DateTimeOffset.MaxValue, "It started before its time.");
                Assert.All(task.DependsOn, other => Assert.True(other.IsEnded, "It started before one that it depends on had ended."));
                Assert.False(Dispatcher.IsSuspended, "It started while all is suspended.");
                Assert.Equal(Now, task.StartedAt);
                _running.Add(task);
                _starts.Add(Now);
                if (Dispatcher.RateLimit is not null)
                {
                    _rated.Add(Now);
                }
            }

            CheckLimits(started);

            // Each was the best of those that may start and are in the queue: what is left there comes later.
            if (started.Length > 0)
            {
                int lowest = started.Min(task => task.Priority);
                Assert.All(_accepted, task => Assert.False(task.PendingReason == "Queued" && task.Priority > lowest, "One with a higher priority was left."));
            }
        }

        private void End(int which, Exception? error)
        {
            DispatchTask task = _running[which % _running.Count];
            _running.Remove(task);
            _asks = true;
            _run.Runner.Complete(_run.AttemptOf(task), error);
            if (task.State == TaskState.Pending)
            {
                _due[task] = Now + RetryDelay.After(task.Options, task.Attempt, 0);
            }
        }

        /// <summary>What has just started kept to the limits.</summary>
        private void CheckLimits(DispatchTask[] started)
        {
            if (Dispatcher.RateLimit is { } rate)
            {
                Assert.True(started.Length == 0 || _rated.Count(start => start > Now - rate.Period) <= rate.Count, "More started than the rate allows.");
            }

            foreach (DispatchTask task in started.Where(task => task.Group is not null))
            {
                int count = _running.Count(other => IsSameGroup(task, other));
                Assert.True(count <= (Dispatcher.GroupLimit?.Of(task.Group!) ?? int.MaxValue), "More of a group run than may.");
            }
        }

        /// <summary>Each pending task has a reason that is true.</summary>
        private void CheckPending(DispatchTask task)
        {
            bool isStartable = !Dispatcher.IsSuspended && IsRateFree();
            switch (task.PendingReason)
            {
                case "Queued":
                    Assert.True(_running.Count >= _places, "It waits although there is a place.");
                    break;
                case "Group":
                    int limit = Dispatcher.GroupLimit?.Of(task.Group!) ?? int.MaxValue;
                    int count = _running.Count(other => IsSameGroup(task, other));
                    Assert.True(count >= limit || !isStartable || _running.Count >= _places, "It waits although its group has a place.");
                    break;
                case "Dependency":
                    Assert.Contains(task.DependsOn, other => !other.IsEnded);
                    break;
                case "Delay":
                case "Retry":
                    Assert.True(_due[task] > Now, "It waits although its time has come.");
                    break;
                case "Suspended":
                    Assert.True(Dispatcher.IsSuspended);
                    break;
                case "Rate":
                    Assert.False(IsRateFree(), "It waits although the rate lets it start.");
                    break;
                default:
                    Assert.NotEqual(TaskState.Pending, task.State);
                    break;
            }
        }

        // It knows of no more starts than there were.
        private bool IsRateFree() => Dispatcher.RateLimit is not { } rate || _starts.Count(start => start > Now - rate.Period) < rate.Count;

        private static bool IsSameGroup(DispatchTask task, DispatchTask other) => string.Equals(task.Group, other.Group, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Workers take the tasks, several threads send them: what was seen is judged at the end.</summary>
    private sealed class WorkerRun : IDisposable
    {
        private readonly FakeClock _clock = new();
        private readonly Dispatcher _dispatcher;
        private readonly List<DispatchTask> _accepted = [];
        private readonly List<DateTimeOffset> _starts = [];
        private long _refused;
        private readonly List<TaskContext> _inGroup = [];
        private string? _fault;

        internal WorkerRun(QueueFullMode mode)
        {
            _dispatcher = new Dispatcher(new DispatcherOptions
            {
                Clock = _clock,
                QueueFullMode = mode,
                QueueSize = 4,
                MinWorkers = 0,
                MaxWorkers = 3,
                RateLimit = new Rate(5, TimeSpan.FromSeconds(1)),
                GroupLimit = new GroupLimit(new Dictionary<string, int> { ["a"] = 2 }),
            });
            _dispatcher.Run();
        }

        internal void Do(string name, int value)
        {
            switch (name)
            {
                case "send":
                    Send(value);
                    break;
                case "stop a task" or "priority":
                    DispatchTask? task;
                    lock (_accepted)
                    {
                        task = _accepted.Count == 0 ? null : _accepted[value % _accepted.Count];
                    }

                    if (name == "priority")
                    {
                        task?.Priority = value / 100;
                    }
                    else
                    {
                        task?.Stop();
                    }

                    break;
                case "time passes":
                    _clock.AdvanceSeconds(value / 10.0);
                    break;
                case "places":
                    _dispatcher.SetWorkers(0, value);
                    break;
                case "fail":
                    _dispatcher.Quit(drain: false, TimeSpan.Zero);
                    break;
                case "complete":
                    _dispatcher.Run();
                    break;
                case "suspend" or "resume" or "queue size":
                    TrySet(_dispatcher, name, value);
                    break;
            }
        }

        internal void Finish()
        {
            Bounded.Until(
                () =>
                {
                    // A run that was stopped has to end before the next one starts, and no time has to pass for that.
                    _dispatcher.Run();
                    _dispatcher.Resume();
                    _clock.AdvanceSeconds(0.5);
                    return _accepted.TrueForAll(task => task.IsEnded);
                },
                "all tasks to end");
            Assert.Null(_fault);
            _accepted.ForEach(CheckSettled);
            List<DateTimeOffset> starts = [.. _starts.Order()];
            Assert.All(Enumerable.Range(0, Math.Max(0, starts.Count - 5)), i => Assert.True(starts[i + 5] - starts[i] >= TimeSpan.FromSeconds(1), "More started than the rate allows."));
            Bounded.Quit(_dispatcher, drain: true);
            CheckCounts(_dispatcher, _accepted, _refused, others: 0);
        }

        public void Dispose() => _dispatcher.Dispose();

        private void Send(int seed)
        {
            lock (_accepted)
            {
                TaskOptions options = Draw(seed, _accepted);
                DispatchTask task = Body.Task(context => Execute(context, seed), options);
                if (_dispatcher.Dispatch(task) || _dispatcher.QueueFullMode == QueueFullMode.Overflow)
                {
                    _accepted.Add(task);
                }
                else
                {
                    _refused++;
                }
            }
        }

        private void Execute(TaskContext context, int seed)
        {
            lock (_starts)
            {
                _starts.Add(context.Task.StartedAt!.Value);
            }

            if (context.Task.DependsOn.Any(other => !other.IsEnded))
            {
                _fault = "It started before one that it depends on had ended.";
            }

            bool isIn = string.Equals(context.Task.Group, "a", StringComparison.OrdinalIgnoreCase);
            lock (_inGroup)
            {
                if (isIn)
                {
                    _inGroup.Add(context);
                }

                // An attempt that was abandoned has ended, though its code still runs.
                if (_inGroup.Count(other => other.Task.State == TaskState.Running && other.Attempt == other.Task.Attempt) > 2)
                {
                    _fault = "More of a group run than may.";
                }
            }

            Thread.Yield();
            lock (_inGroup)
            {
                _inGroup.Remove(context);
            }

            if ((seed + context.Attempt) % 3 == 0)
            {
                throw new InvalidOperationException("no");
            }
        }
    }
}
