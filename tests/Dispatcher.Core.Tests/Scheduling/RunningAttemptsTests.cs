using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CsCheck;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

public sealed class RunningAttemptsTests : IDisposable
{
    private readonly object _lock = new();
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions());
    private readonly TestRunner _runner;

    public RunningAttemptsTests()
    {
        _runner = new TestRunner(_dispatcher);
        Monitor.Enter(_lock);
    }

    public void Dispose()
    {
        Monitor.Exit(_lock);
        _dispatcher.Dispose();
    }

    [Fact]
    public void It_holds_what_was_added_and_not_removed() => Gen.Int[0, 9].Array[0, 200].Sample(
        steps =>
        {
            var running = new RunningAttempts(_lock);
            TestRunner[] runners = [new(_dispatcher), new(_dispatcher), new(_dispatcher)];
            var expected = new List<TaskContext>();
            foreach (int step in steps)
            {
                if (step < 5 || expected.Count == 0)
                {
                    var attempt = new TaskContext(runners[step % runners.Length]);
                    running.Register(attempt.Runner);
                    running.Add(attempt);
                    expected.Add(attempt);
                }
                else
                {
                    TaskContext attempt = expected[step % expected.Count];
                    running.Remove(attempt);
                    expected.Remove(attempt);
                }

                Assert.Equal(expected.Count, running.Count);
            }

            Assert.Equal(expected.ToHashSet(), running.All.ToHashSet());
        },
        iter: 200,
        threads: 1);

    [Fact]
    public void The_next_deadline_is_the_least()
    {
        var running = new RunningAttempts(_lock);
        Assert.Equal(Clock.Never, running.NextDeadline);
        foreach (long deadline in new[] { 30L, 10, 20 })
        {
            running.Register(_runner);
            running.Add(new TaskContext(_runner) { Deadline = deadline });
        }

        Assert.Equal(10, running.NextDeadline);
        running.Remove(running.All.Single(attempt => attempt.Deadline == 10));
        Assert.Equal(20, running.NextDeadline);
    }

    [Fact]
    public void A_runner_that_holds_no_place_is_forgotten_with_its_last_attempt()
    {
        var running = new RunningAttempts(_lock);
        TaskContext[] attempts = [new(_runner), new(_runner)];
        running.Register(_runner);
        Array.ForEach(attempts, running.Add);
        running.Remove(attempts[0]);
        Assert.True(_runner.IsRegistered);
        Assert.Same(attempts[1], _runner.FirstRunning);
        running.Remove(attempts[1]);
        Assert.False(_runner.IsRegistered);
        Assert.Equal(0, running.Count);
    }
}
