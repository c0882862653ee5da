using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Workers;

public sealed class WorkerHostTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly ConcurrentQueue<FakeHost> _hosts = new();
    private readonly Dispatcher _dispatcher;
    private Func<FakeHost> _create = () => new FakeHost();

    public WorkerHostTests()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 1,
            MaxWorkers = 1,
            Clock = _clock,
            CreateWorkerHost = () =>
            {
                FakeHost host = _create();
                _hosts.Enqueue(host);
                return host;
            },
        });
        _dispatcher.Run();
    }

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_worker_makes_its_host_for_the_first_hosted_task_and_keeps_it()
    {
        Run(Body.Nothing());
        Assert.Empty(_hosts);
        IWorkerHost? seen = null;
        int thread = 0;

        for (int i = 0; i < 10; i++)
        {
            Run(FakeHost.Task(context =>
            {
                seen = context.Host;
                thread = Environment.CurrentManagedThreadId;
            }));
        }

        Run(Body.Nothing());
        FakeHost host = Assert.Single(_hosts);
        Assert.Same(host, seen);
        Assert.Equal(thread, host.CreatedOn);
        Assert.Equal(1, host.Runs);
        Assert.Equal(0, host.RequestedStops);
        Bounded.Quit(_dispatcher, drain: true);
        Assert.Equal(1, host.Disposals);
        Assert.Equal(thread, host.DisposedOn);
    }

    [Fact]
    public void Without_a_host_a_hosted_task_fails()
    {
        using var dispatcher = new Dispatcher(10, 1, 1);
        DispatchTask task = FakeHost.Task(_ => { });
        dispatcher.Dispatch(task);

        dispatcher.Run();

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Contains(dispatcher.Name, task.Exception!.Message, StringComparison.Ordinal);
        Blocker.CheckStrength(dispatcher, 1);
    }

    [Fact]
    public void A_host_that_cannot_be_made_fails_the_task_and_is_tried_again_for_the_next()
    {
        _create = () => throw new InvalidOperationException("no host");
        DispatchTask failing = FakeHost.Task(_ => { });
        Run(failing);
        Assert.Equal(TaskState.Failed, failing.State);
        Assert.Equal("no host", failing.Exception!.Message);
        _create = () => new FakeHost();
        DispatchTask next = FakeHost.Task(_ => { });

        Run(next);

        Assert.Equal(TaskState.Completed, next.State);
        Assert.Equal(failing.Worker, next.Worker);
    }

    [Fact]
    public void A_host_that_never_comes_to_the_task_fails_it()
    {
        _create = () => new FakeHost { OnRun = _ => { } };
        DispatchTask task = FakeHost.Task(_ => { });

        Run(task);

        Assert.Equal(TaskState.Failed, task.State);
        Blocker.CheckStrength(_dispatcher, 1);
    }

    [Fact]
    public void A_host_that_throws_is_replaced()
    {
        _create = () => new FakeHost { OnRun = _ => throw new InvalidOperationException("broken host") };
        DispatchTask failing = FakeHost.Task(_ => { });
        Run(failing);
        Assert.Equal("broken host", failing.Exception?.Message);
        _create = () => new FakeHost();
        DispatchTask next = FakeHost.Task(_ => { });

        Run(next);

        Assert.Equal(TaskState.Completed, next.State);
        Assert.Equal(2, _hosts.Count);
        Assert.Equal(1, _hosts.First().Disposals);
    }

    [Fact]
    public void A_host_that_cannot_run_again_is_replaced_and_the_tasks_go_on()
    {
        DispatchTask[] tasks = [.. Enumerable.Range(0, 6).Select(_ => FakeHost.Task(context =>
        {
            var host = (FakeHost)context.Host!;
            host.CanRunTasks = false;
            host.IsUsableAgain = false;
        }))];
        _dispatcher.Quit(drain: true);
        Array.ForEach(tasks, task => _dispatcher.Dispatch(task));

        _dispatcher.Run();

        Bounded.End(tasks);
        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
        Assert.Equal(6, _hosts.Count);
    }

    [Fact]
    public void To_stop_a_hosted_task_its_host_is_asked_and_left_before_the_next()
    {
        using var started = new Gate("the task to start");
        using var asked = new Gate("the host to be asked");
        _create = () => new FakeHost { OnRequestStop = asked.Open };
        DispatchTask stuck = FakeHost.Task(_ =>
        {
            started.Open();
            asked.Wait();
        });
        DispatchTask next = FakeHost.Task(_ => { });
        _dispatcher.Dispatch(stuck);
        _dispatcher.Dispatch(next);
        started.Wait();

        _clock.AdvanceSeconds(10);

        Assert.Equal(TaskState.TimedOut, Bounded.End(stuck));
        Assert.Equal(TaskState.Completed, Bounded.End(next));
        FakeHost host = Assert.Single(_hosts);
        Assert.Equal(1, host.RequestedStops);
        Assert.Equal(2, host.Runs);
    }

    [Fact]
    public void The_host_of_a_stuck_task_is_forced_and_goes_with_its_worker()
    {
        using var started = new Gate("the task to start");
        using var over = new Gate("the test to be over");
        DispatchTask stuck = FakeHost.Task(_ =>
        {
            started.Open();
            over.WaitThroughInterrupts();
        });
        _dispatcher.Dispatch(stuck);
        started.Wait();

        _clock.AdvanceSeconds(12);

        Assert.Equal(TaskState.TimedOut, stuck.State);
        Assert.Equal(1, _hosts.Single().ForcedStops);
        DispatchTask next = FakeHost.Task(_ => { });
        Run(next);
        Assert.Equal(TaskState.Completed, next.State);
        Assert.Equal(2, _hosts.Count);
        over.Open();
        Bounded.Until(() => _hosts.First().Disposals == 1, "the stuck worker to close its host");
    }

    [Fact]
    public void The_time_that_a_host_takes_to_open_is_not_the_tasks()
    {
        using var opening = new Gate("the host to be opening");
        using var opened = new Gate("the host to be open");
        _create = () =>
        {
            opening.Open();
            opened.Wait();
            return new FakeHost();
        };
        using var started = new Gate("the task to start");
        DispatchTask task = FakeHost.Task(context =>
        {
            started.Open();
            Bounded.Wait(context.CancellationToken.WaitHandle, "the stop");
        });
        _dispatcher.Dispatch(task);
        opening.Wait();
        _clock.AdvanceSeconds(299);
        Assert.Equal(TaskState.Running, task.State);

        opened.Open();
        started.Wait();

        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.Equal(TaskState.Running, task.State);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(TaskState.TimedOut, Bounded.End(task));
    }

    [Fact]
    public void A_host_that_does_not_open_within_five_minutes_is_given_up()
    {
        using var opening = new Gate("the host to be opening");
        using var never = new Gate("the host that does not open");
        _create = () =>
        {
            opening.Open();
            never.Wait();
            return new FakeHost();
        };
        DispatchTask task = FakeHost.Task(_ => { });
        _dispatcher.Dispatch(task);
        opening.Wait();

        _clock.AdvanceSeconds(300);
        _clock.AdvanceSeconds(_dispatcher.StopGrace.TotalSeconds);
        Assert.Equal(TaskState.TimedOut, Bounded.End(task));
        never.Open();
    }

    [Fact]
    public void A_task_that_is_stopped_while_its_host_opens_does_not_run()
    {
        using var opening = new Gate("the host to be opening");
        using var opened = new Gate("the host to be open");
        _create = () =>
        {
            opening.Open();
            opened.Wait();
            return new FakeHost();
        };
        bool ran = false;
        DispatchTask task = FakeHost.Task(_ => ran = true);
        _dispatcher.Dispatch(task);
        opening.Wait();

        Assert.True(task.Stop());
        opened.Open();

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Assert.False(ran);
        DispatchTask next = FakeHost.Task(_ => { });
        Run(next);
        Assert.Equal(TaskState.Completed, next.State);
    }

    [Fact]
    public void A_host_that_does_not_open_is_given_up_when_the_task_is_stopped()
    {
        using var opening = new Gate("the host to be opening");
        using var over = new Gate("the test to be over");
        _create = () =>
        {
            opening.Open();
            over.WaitThroughInterrupts();
            return new FakeHost();
        };
        DispatchTask task = FakeHost.Task(_ => { });
        _dispatcher.Dispatch(task);
        opening.Wait();

        Assert.True(task.Stop());
        _clock.AdvanceSeconds(2);

        Assert.Equal(TaskState.Stopped, task.State);
        Blocker.CheckStrength(_dispatcher, 1);
    }

    private void Run(DispatchTask task)
    {
        _dispatcher.Dispatch(task);
        Bounded.End(task);
    }
}
