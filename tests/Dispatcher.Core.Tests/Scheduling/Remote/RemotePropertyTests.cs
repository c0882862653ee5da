using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Remote;

/// <summary>
/// Whatever is done in whatever order, by several runners that come and go: the books are right after each step, no runner
/// waits for what it may take, and each task ends once. In a debug build the scheduler checks itself at each step as well.
/// </summary>
public sealed class RemotePropertyTests
{
    private static readonly string?[] s_groups = [null, null, "g", "h"];
    private static readonly string?[] s_hosts = [null, null, null, "a", "B", "c", "nowhere"];
    private static readonly string[] s_sessions = ["a", "b", "c", "a"];

    private static readonly Gen<(string Name, int Value)> s_step = Gen.Frequency(
        (12, Gen.Int[0, 1_000_000].Select(value => ("send", value))),
        (8, Gen.Int[0, 1000].Select(value => ("claim", value))),
        (10, Gen.Int[0, 1000].Select(value => ("start", value))),
        (6, Gen.Int[0, 1000].Select(value => ("return", value))),
        (6, Gen.Int[0, 1000].Select(value => ("complete", value))),
        (3, Gen.Int[0, 1000].Select(value => ("fail", value))),
        (4, Gen.Int[0, 1000].Select(value => ("requeue", value))),
        (3, Gen.Int[0, 1000].Select(value => ("stop", value))),
        (3, Gen.Int[0, 1000].Select(value => ("priority", value))),
        (2, Gen.Int[0, 3].Select(value => ("groups", value))),
        (2, Gen.Int[0, 4].Select(value => ("rate", value))),
        (3, Gen.Int[0, 30].Select(value => ("time passes", value))),
        (2, Gen.Int[0, 3].Select(value => ("lose", value))),
        (2, Gen.Const(("suspend", 0))),
        (3, Gen.Const(("resume", 0))),
        (1, Gen.Const(("halt", 0))),
        (1, Gen.Const(("quit", 0))),
        (2, Gen.Const(("run", 0))));

    [Fact]
    public void The_books_are_right_and_each_task_ends_once() => s_step.Array[10, 120].Sample(
        steps =>
        {
            using var run = new RandomRun();
            foreach ((string name, int value) in steps)
            {
                run.Do(name, value);
                run.Check();
            }

            run.Finish();
        },
        iter: 1500,
        threads: 1);

    private sealed class RandomRun : IDisposable
    {
        private readonly FakeClock _clock = new();
        private readonly Dispatcher _dispatcher;
        private readonly FakeRemoteRunner[] _runners;
        private readonly List<DispatchTask> _tasks = [];
        private readonly List<(FakeRemoteRunner Runner, DispatchTask Task)> _sent = [];
        private readonly List<(FakeRemoteRunner Runner, TaskContext Attempt)> _running = [];
        private readonly Dictionary<FakeRemoteRunner, int> _waits = [];
        private readonly List<DispatchTask> _ended = [];
        private int _lastNumber;

        internal RandomRun()
        {
            _dispatcher = new Dispatcher(new DispatcherOptions
            {
                Clock = _clock,
                HasNoWorkers = true,
                QueueSize = 4,
                QueueFullMode = QueueFullMode.Overflow,
                TaskTimeout = System.Threading.Timeout.InfiniteTimeSpan,
            });
            _dispatcher.Run();
            _runners = [.. s_sessions.Select(Open)];
        }

        public void Dispose() => _dispatcher.Dispose();

        internal void Do(string name, int value)
        {
            switch (name)
            {
                case "send" when _dispatcher.HaltReason is null:
                    Send(new Random(value));
                    break;
                case "claim":
                    Claim(_runners[value % _runners.Length], value / 4 % 6);
                    break;
                case "start" when _sent.Count > 0:
                    Start(value % _sent.Count);
                    break;
                case "return" when _sent.Count > 0:
                    Return(value % _sent.Count);
                    break;
                case "complete" or "fail" or "requeue" when _running.Count > 0:
                    End(value % _running.Count, name);
                    break;
                case "stop" when _tasks.Count > 0:
                    _tasks[value % _tasks.Count].Stop();
                    break;
                case "priority" when _tasks.Count > 0:
                    _tasks[value % _tasks.Count].Priority = value % 3;
                    break;
                case "time passes":
                    _clock.AdvanceSeconds(value / 10.0);
                    break;
                case "lose":
                    Lose(value);
                    break;
                default:
                    Set(name, value);
                    break;
            }
        }

        /// <summary>What the scheduler says is what was done to it.</summary>
        internal void Check()
        {
            // One that was asked to stop is abandoned after its grace, and a sent task ends with its dispatcher.
            _running.RemoveAll(one => one.Attempt.IsAbandoned);
            DispatcherStatistics s = _dispatcher.Statistics;
            Assert.Equal(s.Sent, s.Pending + s.Running + s.Completed + s.Failed + s.TimedOut + s.Stopped);
            Assert.Equal((_running.Count, _tasks.Count), (s.Running, s.Sent));
            Assert.Equal(_sent.Count, _dispatcher.Scheduler.State.Pending.Runners.SentCount);
            Assert.All(_sent, one =>
            {
                Assert.Equal((TaskState.Pending, one.Runner.ComputerName), (one.Task.State, one.Task.ComputerName));
                Assert.StartsWith("sent to ", one.Task.PendingReason, StringComparison.Ordinal);
            });
            Assert.All(_running, one => Assert.Equal(TaskState.Running, one.Attempt.Task.State));
            CheckGroups();
            CheckWaits();
            CheckEnds();
        }

        internal void Finish()
        {
            _dispatcher.Run();
            _dispatcher.Resume();
            _dispatcher.RateLimit = null;
            foreach (DispatchTask task in _tasks.Where(task => task.Options.HostName == "nowhere"))
            {
                task.Stop();
            }

            for (int turn = 0; turn < 1000 && _tasks.Exists(task => !task.IsEnded); turn++)
            {
                Array.ForEach(_runners, runner => Claim(runner, 3));
                while (_sent.Count > 0)
                {
                    Start(0);
                }

                while (_running.Count > 0)
                {
                    End(0, "complete");
                }

                Check();
                _clock.AdvanceSeconds(1);
                _dispatcher.Run();
            }

            Assert.All(_tasks, task => Assert.True(task.IsEnded, task.State + " " + task.PendingReason));
            CheckEnds();
            PendingStop stop = _dispatcher.BeginQuit(drain: true);
            Assert.True(stop.Wait(TimeSpan.Zero, default));
        }

        private FakeRemoteRunner Open(string host) => new(_dispatcher, host, ++_lastNumber);

        private void Send(Random random)
        {
            DispatchTask task = Body.Nothing(new TaskOptions
            {
                Priority = random.Next(-1, 2) * random.Next(0, 2),
                Group = s_groups[random.Next(s_groups.Length)],
                HostName = s_hosts[random.Next(s_hosts.Length)],
                Retries = Math.Max(0, random.Next(-2, 2)),
                Delay = TimeSpan.FromSeconds(Math.Max(0, random.Next(-5, 2))),
            });
            task.Subscribe(new EndListener(_ended));
            _tasks.Add(task);
            _dispatcher.Dispatch(task);
        }

        private void Claim(FakeRemoteRunner runner, int max)
        {
            bool isWorking = _dispatcher.Status is DispatcherStatus.Running or DispatcherStatus.Draining;
            List<DispatchTask> claimed = runner.Claim(max);
            Assert.True(claimed.Count == 0 || (isWorking && !_dispatcher.IsSuspended && claimed.Count <= max));
            Assert.All(claimed, task => Assert.True(task.Options.HostName is null || string.Equals(task.Options.HostName, runner.HostName, StringComparison.OrdinalIgnoreCase)));
            _sent.AddRange(claimed.Select(task => (runner, task)));
            _waits.Remove(runner);
            if (claimed.Count < max)
            {
                _waits[runner] = runner.WakeCount;
            }
        }

        private void Start(int index)
        {
            (FakeRemoteRunner runner, DispatchTask task) = _sent[index];
            _sent.RemoveAt(index);
            int before = task.Attempt;
            TaskContext attempt = runner.Run(task);
            Assert.Equal(before + 1, task.Attempt);
            _running.Add((runner, attempt));
            FakeRemoteRunner other = _runners.First(one => !ReferenceEquals(one, runner));
            Assert.Null(other.Start(task));
            other.Return(task);
            Assert.Null(runner.Start(task));
        }

        private void Return(int index)
        {
            (FakeRemoteRunner runner, DispatchTask task) = _sent[index];
            _sent.RemoveAt(index);
            int before = task.Attempt;
            runner.Return(task);
            Assert.Equal(before, task.Attempt);
            Assert.True(task.State is TaskState.Pending or TaskState.Stopped);
        }

        private void End(int index, string how)
        {
            (FakeRemoteRunner runner, TaskContext attempt) = _running[index];
            _running.RemoveAt(index);
            bool isAsked = attempt.IsStopRequested;
            if (how == "requeue")
            {
                runner.Requeue(attempt);
                Assert.True(attempt.Task.RequeueCount <= RemoteHandout.MaxRequeues);
            }
            else
            {
                runner.Complete(attempt, how == "fail" ? new InvalidOperationException("no") : null);
            }

            Assert.NotEqual(TaskState.Running, attempt.Task.State);
            Assert.True(!isAsked || attempt.Task.State == TaskState.Stopped);
            Assert.True(attempt.Task.CountedAttempt <= attempt.Task.Options.Retries + 1 || attempt.Task.State != TaskState.Pending);
        }

        /// <summary>A session is lost: what it runs runs again, and there is a new one.</summary>
        private void Lose(int which)
        {
            FakeRemoteRunner lost = _runners[which];
            lost.Leave();
            _sent.RemoveAll(one => ReferenceEquals(one.Runner, lost));
            _waits.Remove(lost);
            for (int i = _running.Count - 1; i >= 0; i--)
            {
                if (ReferenceEquals(_running[i].Runner, lost))
                {
                    End(i, "requeue");
                }
            }

            Assert.Empty(lost.Claim());
            _runners[which] = Open(s_sessions[which]);
        }

        private void Set(string name, int value)
        {
            switch (name)
            {
                case "groups":
                    _dispatcher.GroupLimit = value == 0 ? null : new GroupLimit(value);
                    break;
                case "rate":
                    _dispatcher.RateLimit = value == 0 ? null : new Rate(value, TimeSpan.FromSeconds(1));
                    break;
                case "suspend":
                    _dispatcher.Suspend();
                    break;
                case "resume":
                    _dispatcher.Resume();
                    break;
                case "halt":
                    _dispatcher.Scheduler.Starts.Halt(new DispatcherHaltedException("enough"), FailureAction.StopPending);
                    break;
                case "quit":
                    _dispatcher.BeginQuit(drain: false);
                    break;
                case "run":
                    _dispatcher.Run();
                    break;
            }
        }

        /// <summary>The places of each group are those of its tasks.</summary>
        private void CheckGroups()
        {
            lock (_dispatcher.Scheduler.State.Lock)
            {
                PendingTasks pending = _dispatcher.Scheduler.State.Pending;
                var ready = new List<DispatchTask>();
                pending.Ready.CopyTo(ready);
                Assert.Equal(pending.Ready.Count, ready.Count);
                foreach (LimitedGroup group in pending.Groups.Groups)
                {
                    int taken = ready.Concat(_sent.Select(one => one.Task)).Concat(_running.Select(one => one.Attempt.Task)).Count(task => ReferenceEquals(task.Conditions?.Group, group));
                    Assert.Equal(taken, group.PlaceCount);
                }

                Assert.Equal(_sent.Count, pending.Rate.OpenCount);
            }
        }

        /// <summary>No runner waits that could take something, unless another was woken for it that has yet to come.</summary>
        private void CheckWaits()
        {
            lock (_dispatcher.Scheduler.State.Lock)
            {
                SchedulerState state = _dispatcher.Scheduler.State;
                FakeRemoteRunner[] waiting = [.. _waits.Keys.Where(runner => runner.WakeCount == _waits[runner])];
                Assert.All(waiting, runner => Assert.True(WaitingTakers.IsWaiting(runner)));
                foreach (FakeRemoteRunner runner in waiting.Where(_ => state.Lifecycle.IsWorking))
                {
                    bool isOtherCalled = _runners.Any(other => other.IsCalled);
                    bool isOtherOfHostCalled = _runners.Any(other => other.IsCalled && other.HostName == runner.HostName);
                    Assert.True(isOtherCalled || state.Pending.StartableCount == 0, "It waits for what it may take.");
                    Assert.True(isOtherOfHostCalled || !state.Pending.CanStart || state.Pending.Ready.CountPinned(runner.HostName) == 0, "It waits for its own.");
                }
            }
        }

        private void CheckEnds()
        {
            Assert.Equal(_ended.Count, _ended.Distinct().Count());
            Assert.Equal(_tasks.Count(task => task.IsEnded), _ended.Count);
        }
    }

    private sealed class EndListener(List<DispatchTask> ended) : ITaskListener
    {
        public bool WantsEachRecord => false;

        public bool IsOver => false;

        public void OnRecord(DispatchTask task)
        {
            // Only the end counts.
        }

        public void OnEnded(DispatchTask task) => ended.Add(task);
    }
}
