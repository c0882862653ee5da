using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CsCheck;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

/// <summary>Whatever is done to a dispatcher in whatever order: nothing is lost, and the counts add up.</summary>
public sealed class SchedulingPropertyTests
{
    private static readonly string[] s_kinds = ["instant", "throws", "waits for its token", "stuck", "fails once", "sends another", "interrupts itself"];

    private static readonly Gen<(string Name, int Value)> s_step = Gen.Frequency(
        (10, Gen.Int[0, s_kinds.Length - 1].Select(kind => ("send", kind))),
        (3, Gen.Int[1, 20].Select(count => ("send many", count))),
        (2, Gen.Int[0, 24].Select(size => ("resize", size))),
        (2, Gen.Int[0, 1000].Select(which => ("stop a task", which))),
        (1, Gen.Const(("stop running", 0))),
        (2, Gen.Const(("stop", 0))),
        (1, Gen.Const(("drain", 0))),
        (1, Gen.Const(("wait for stop", 0))),
        (4, Gen.Const(("run", 0))),
        (1, Gen.Int[1, 6].Select(size => ("queue size", size))),
        (3, Gen.Int[0, 400].Select(seconds => ("time passes", seconds))));

    private static readonly Gen<(QueueFullMode Mode, int Min, int Max, int Retries)> s_settings = Gen.Select(
        Gen.Int[0, 2].Select(mode => (QueueFullMode)mode), Gen.Int[0, 2], Gen.Int[2, 4], Gen.Int[0, 2]);

    [Fact]
    public void Every_accepted_task_reaches_one_final_state_and_the_counts_add_up() =>
        Gen.Select(s_settings, s_step.Array[5, 60]).Sample(
            (settings, steps) =>
            {
                using var run = new RandomRun(settings.Mode, settings.Min, settings.Max, settings.Retries);
                foreach ((string name, int value) in steps)
                {
                    run.Do(name, value);
                    run.Check();
                }

                run.Finish();
            },
            iter: 250,
            threads: 1);

    [Fact]
    public void Steps_from_several_threads_lose_nothing_either() =>
        Gen.Select(s_settings, s_step.Array[5, 30], s_step.Array[5, 30], s_step.Array[5, 30]).Sample(
            (settings, first, second, third) =>
            {
                using var run = new RandomRun(settings.Mode, settings.Min, settings.Max, settings.Retries);
                (string Name, int Value)[][] sequences = [first, second, third];
                Bounded.OnThreads(3, index =>
                {
                    foreach ((string name, int value) in sequences[index])
                    {
                        run.Do(name, value);
                        run.Check();
                    }
                });

                run.Finish();
            },
            iter: 150,
            threads: 1);

    private sealed class RandomRun : IDisposable
    {
        private readonly FakeClock _clock = new();
        private readonly Dispatcher _dispatcher;
        private readonly Gate _over = new("the run to be over");
        private readonly TaskOptions _options;
        private readonly List<Watched> _accepted = [];
        private long _refused;

        internal RandomRun(QueueFullMode mode, int min, int max, int retries)
        {
            _options = new TaskOptions { Retries = retries, RetryDelay = TimeSpan.FromSeconds(retries) };
            _dispatcher = new Dispatcher(new DispatcherOptions
            {
                QueueFullMode = mode,
                MinWorkers = min,
                MaxWorkers = max,
                QueueSize = 4,
                Clock = _clock,
            });
        }

        internal void Do(string name, int value)
        {
            switch (name)
            {
                case "send":
                    Send(value);
                    break;
                case "send many":
                    for (int i = 0; i < value; i++)
                    {
                        Send(kind: i % 2);
                    }

                    break;
                case "resize":
                    _dispatcher.SetWorkers(Math.Min(value / 5, (value % 5) + 1), (value % 5) + 1);
                    break;
                case "stop a task":
                    Pick(value)?.Task.Stop();
                    break;
                case "stop running":
                    _dispatcher.StopRunningTasks();
                    break;
                case "stop":
                    _dispatcher.Quit(drain: false, TimeSpan.Zero);
                    break;
                case "drain":
                    _dispatcher.Quit(drain: true, TimeSpan.Zero);
                    break;
                case "wait for stop":
                    _dispatcher.Quit(drain: false, TimeSpan.FromMilliseconds(1));
                    break;
                case "run":
                    _dispatcher.Run();
                    break;
                case "queue size":
                    _dispatcher.QueueSize = value;
                    break;
                case "time passes":
                    _clock.AdvanceSeconds(value / 10.0);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(name), name, message: null);
            }
        }

        internal void Check()
        {
            CheckSum(_dispatcher.Statistics);
            Watched[] accepted;
            lock (_accepted)
            {
                accepted = [.. _accepted];
            }

            Array.ForEach(accepted, watched => watched.Look());
        }

        internal void Finish()
        {
            Check();
            _dispatcher.Dispose();

            // What is stuck is given up when its grace is over.
            _clock.AdvanceSeconds(100);
            foreach (Watched watched in _accepted)
            {
                Bounded.End(watched.Task);
            }

            Bounded.Quit(_dispatcher, drain: true);
            Assert.Equal(DispatcherStatus.Stopped, _dispatcher.Status);
            Assert.Equal(0, _dispatcher.WorkerCount);
            Check();
            DispatcherStatistics end = _dispatcher.Statistics;
            Assert.Equal(_accepted.Count, end.Sent);
            Assert.Equal(_refused, end.Rejected);
            Assert.Equal(0, end.Pending);
            Assert.Equal(0, end.Running);
            Assert.Equal(Count(TaskState.Completed), end.Completed);
            Assert.Equal(Count(TaskState.Failed), end.Failed);
            Assert.Equal(Count(TaskState.TimedOut), end.TimedOut);
            Assert.Equal(Count(TaskState.Stopped), end.Stopped);
            Assert.All(_accepted, watched => Assert.True(watched.Runs <= watched.Task.Attempt));
        }

        public void Dispose()
        {
            _over.Open();
            _dispatcher.Dispose();
        }

        private static void CheckSum(DispatcherStatistics s) =>
            Assert.Equal(s.Sent, s.Pending + s.Running + s.Completed + s.Failed + s.TimedOut + s.Stopped);

        private int Count(TaskState state) => _accepted.Count(watched => watched.Task.State == state);

        private Watched? Pick(int which)
        {
            lock (_accepted)
            {
                return _accepted.Count == 0 ? null : _accepted[which % _accepted.Count];
            }
        }

        private void Send(int kind)
        {
            var watched = new Watched();
            watched.Task = Body.Task(
                context =>
                {
                    Interlocked.Increment(ref watched.Runs);
                    Execute(s_kinds[kind], context);
                },
                _options);

            // Counted in the same step as it is sent, as far as the checks can see.
            lock (_accepted)
            {
                bool isQueued = _dispatcher.Dispatch(watched.Task);
                if (isQueued || _dispatcher.QueueFullMode == QueueFullMode.Overflow)
                {
                    _accepted.Add(watched);
                }
                else
                {
                    _refused++;
                    Assert.Equal(TaskState.Created, watched.Task.State);
                }
            }
        }

        private void Execute(string kind, TaskContext context)
        {
            switch (kind)
            {
                case "throws":
                    throw new InvalidOperationException("no");
                case "waits for its token":
                    context.CancellationToken.WaitHandle.WaitOne();
                    break;
                case "stuck":
                    _over.WaitThroughInterrupts();
                    break;
                case "fails once" when context.Attempt == 1:
                    throw new InvalidOperationException("once");
                case "sends another":
                    try
                    {
                        Send(kind: 0);
                    }
                    catch (ObjectDisposedException)
                    {
                        // The run is over.
                    }

                    break;
                case "interrupts itself":
                    Thread.CurrentThread.Interrupt();
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>A task, and the final state that it was first seen in.</summary>
    private sealed class Watched
    {
        private readonly object _gate = new();
        private TaskState _final;

        internal int Runs;

        internal DispatchTask Task { get; set; } = null!;

        internal void Look()
        {
            lock (_gate)
            {
                TaskState state = Task.State;
                if (_final != TaskState.Created)
                {
                    Assert.Equal(_final, state);
                }
                else if (Task.IsEnded)
                {
                    _final = Task.State;
                }
            }
        }
    }
}
