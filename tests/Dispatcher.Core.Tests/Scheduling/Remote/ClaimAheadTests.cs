using System;
using System.Collections.Generic;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Remote;

/// <summary>Workers whose host has several of their tasks on the way.</summary>
public sealed class ClaimAheadTests : IDisposable
{
    private readonly List<DispatchTask> _claimed = [];
    private readonly List<DispatchTask> _recalled = [];
    private Dispatcher _dispatcher = new(1, 0, 1);

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_host_starts_and_ends_what_it_has_claimed()
    {
        var seen = new List<object>();
        Create();
        DispatchTask[] rest = [];
        DispatchTask first = SendFirst(context =>
        {
            ITaskClaims claims = Claim(context, 10);
            seen.AddRange(_claimed.Select(task => (task.State, task.PendingReason)).Cast<object>());
            claims.Complete(context, error: null);
            TaskContext second = claims.Start(_claimed[0])!;
            seen.Add((second.Task.State, second.Task.Worker, second.Task.Attempt));
            claims.Complete(second, new InvalidOperationException("its own"));
            claims.Return(_claimed[1]);
            Assert.Null(claims.Start(_claimed[1]));
        });
        rest = SendHosted(2);
        Drain();
        Assert.Equal(rest, _claimed);
        Assert.Equal([(TaskState.Pending, "sent to worker 1, and not started there yet"), (TaskState.Pending, "sent to worker 1, and not started there yet"), (TaskState.Running, (int?)1, 1)], seen);
        Assert.Equal((TaskState.Completed, 1), (first.State, first.Attempt));
        Assert.Equal((TaskState.Failed, "its own"), (rest[0].State, rest[0].Exception?.Message));
        Assert.Equal((TaskState.Completed, 1), (rest[1].State, rest[1].Attempt));
    }

    [Fact]
    public void What_it_has_not_started_goes_back_when_its_worker_ends()
    {
        Create(maxTasks: 2);
        SendFirst(context => Claim(context, 1));
        DispatchTask[] rest = SendHosted(3);
        Drain();
        Assert.Equal([rest[0]], _claimed);
        Assert.All(rest, task => Assert.Equal((TaskState.Completed, 1), (task.State, task.Attempt)));
    }

    [Fact]
    public void No_task_waits_behind_another_while_a_worker_is_free()
    {
        Create(minWorkers: 2);
        using var other = new Gate("the first to have asked");
        SendFirst(context =>
        {
            Claim(context, 10).ReturnAll();
            other.Open();
        });
        SendHosted(4, _ => other.Wait());
        Drain();
        Assert.InRange(_claimed.Count, 0, 1); // Half of what is ready, once the other worker is at work.
    }

    [Theory]
    [InlineData(10, 4)]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    public void It_gets_as_many_as_it_asks_for_where_it_is_alone(int asked, int expected)
    {
        Create();
        SendFirst(context => Claim(context, asked).ReturnAll());
        SendHosted(4);
        Drain();
        Assert.Equal(expected, _claimed.Count);
    }

    [Fact]
    public void A_worker_that_is_worn_out_soon_claims_no_more_than_it_will_run()
    {
        Create(maxTasks: 3);
        SendFirst(context => Claim(context, 10).ReturnAll());
        SendHosted(4);
        Drain();
        Assert.Equal(2, _claimed.Count);
    }

    [Fact]
    public void What_runs_on_the_thread_of_a_worker_is_claimed_by_none()
    {
        Create();
        SendFirst(context => Claim(context, 10).ReturnAll());
        SendHosted(1);
        _dispatcher.Send(Body.Nothing());
        SendHosted(1);
        Drain();
        Assert.Single(_claimed);
    }

    [Fact]
    public void With_a_rate_nothing_is_claimed()
    {
        Create(rate: new Rate(1000, TimeSpan.FromSeconds(1)));
        SendFirst(context => Claim(context, 10).ReturnAll());
        SendHosted(4);
        Drain();
        Assert.Empty(_claimed);
    }

    [Fact]
    public void A_suspension_asks_for_what_was_claimed()
    {
        Create();
        SendFirst(context =>
        {
            ITaskClaims claims = Claim(context, 10);
            _dispatcher.Suspend();
            claims.ReturnAll();
            _dispatcher.Resume();
        });
        DispatchTask[] rest = SendHosted(2);
        Drain();
        Assert.Equal(rest, _claimed);
        Assert.Equal(rest, _recalled);
    }

    [Fact]
    public void A_claimed_task_can_be_stopped()
    {
        Create();
        DispatchTask[] rest = [];
        SendFirst(context =>
        {
            ITaskClaims claims = Claim(context, 10);
            rest[0].Stop();
            claims.Return(rest[0]);
            claims.ReturnAll();
        });
        rest = SendHosted(2);
        Drain();
        Assert.Equal([rest[0]], _recalled);
        Assert.Equal([TaskState.Stopped, TaskState.Completed], rest.Select(task => task.State));
    }

    [Fact]
    public void A_recall_stops_no_task_that_has_started()
    {
        Create();
        bool? stopped = null;
        DispatchTask task = SendFirst(context => stopped = context.Task.StopPending());
        DispatchTask pending = SendHosted(1)[0];
        Assert.True(pending.StopPending());
        Drain();
        Assert.False(stopped);
        Assert.Equal((TaskState.Completed, TaskState.Stopped), (task.State, pending.State));
    }

    private void Create(int minWorkers = 1, int maxTasks = int.MaxValue, Rate? rate = null)
    {
        _dispatcher.Dispose();
        _dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = minWorkers,
            MaxWorkers = minWorkers,
            MaxTasksPerWorker = maxTasks,
            RateLimit = rate,
            CreateWorkerHost = () => new ClaimingHost(this),
        });
    }

    private DispatchTask SendFirst(Action<TaskContext> action)
    {
        DispatchTask task = FakeHost.Task(action);
        _dispatcher.Send(task);
        return task;
    }

    private DispatchTask[] SendHosted(int count, Action<TaskContext>? action = null)
    {
        DispatchTask[] tasks = [.. Enumerable.Range(0, count).Select(_ => FakeHost.Task(action ?? (_ => { })))];
        Array.ForEach(tasks, task => _dispatcher.Send(task));
        return tasks;
    }

    private void Drain()
    {
        _dispatcher.Run();
        Bounded.Quit(_dispatcher, drain: true);
    }

    private ITaskClaims Claim(TaskContext context, int max)
    {
        ITaskClaims claims = ((ClaimingHost)context.Host!).Claims;
        claims.Claim(max, _claimed);
        return claims;
    }

    private sealed class ClaimingHost(ClaimAheadTests test) : IClaimingHost
    {
        public bool CanRunTasks => true;

        internal ITaskClaims Claims { get; private set; } = null!; // Set before it runs anything.

        public bool Run(IWorkerLoop loop)
        {
            Claims = ((IClaimingLoop)loop).Claims;
            loop.RunTasks();
            return true;
        }

        public void Recall(DispatchTask task) => test._recalled.Add(task);

        public void RequestStop()
        {
            // These tasks listen to nothing.
        }

        public void ForceStop()
        {
            // Nor do they start anything.
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
