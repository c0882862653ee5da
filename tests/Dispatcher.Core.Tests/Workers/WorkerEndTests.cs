using System;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Workers;

/// <summary>Workers that go, and those that come for what they leave.</summary>
public sealed class WorkerEndTests
{
    [Fact]
    public void A_host_that_cannot_be_disposed_of_does_not_hold_a_stop_for_ever()
    {
        var clock = new FakeClock();
        using var released = new Gate("the host");
        using var disposing = new Gate("the host to be disposed of");
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, Clock = clock, CreateWorkerHost = () => new StuckHost(disposing, released) });
        dispatcher.Run();
        DispatchTask task = FakeHost.Task(_ => { });
        dispatcher.Dispatch(task);
        Assert.Equal(TaskState.Completed, Bounded.End(task));

        Assert.False(dispatcher.Quit(drain: true, TimeSpan.Zero));
        disposing.Wait();
        Assert.Equal(DispatcherStatus.Stopped, dispatcher.Status);
        Assert.False(dispatcher.Quit(drain: true, TimeSpan.Zero));
        clock.AdvanceSeconds(16);

        Bounded.Quit(dispatcher, drain: true);
    }

    [Fact]
    public void A_retry_that_the_same_worker_takes_is_no_miss()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 8 });
        dispatcher.Run();
        Bounded.Until(() => dispatcher.IdleWorkerCount == 1, "the worker");
        int most = 0;
        DispatchTask task = Body.Task(
            _ =>
            {
                most = Math.Max(most, dispatcher.WorkerCount);
                throw new InvalidOperationException("again");
            },
            new TaskOptions { Retries = 20 });

        dispatcher.Dispatch(task);

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Equal(21, task.Attempt);
        Assert.Equal(1, most);
    }

    [Fact]
    public void A_worker_leaves_a_host_that_is_closed_while_it_is_idle()
    {
        IWorkerLoop? loop = null;
        using var left = new Gate("the host to be left");
        FakeHost? first = null;
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 1,
            MaxWorkers = 1,
            CreateWorkerHost = () =>
            {
                var host = new FakeHost
                {
                    IsUsableAgain = first is not null,
                    OnRun = running =>
                    {
                        loop ??= running;
                        running.RunTasks();
                        left.Open();
                    },
                };
                first ??= host;
                return host;
            },
        });
        dispatcher.Run();
        DispatchTask task = FakeHost.Task(_ => { });
        dispatcher.Dispatch(task);
        Bounded.End(task);
        Bounded.Until(() => dispatcher.IdleWorkerCount == 1, "the worker to be idle");

        loop!.Leave();

        left.Wait();
        Bounded.Until(() => first!.Disposals == 1, "the host to be disposed of");
        DispatchTask next = FakeHost.Task(_ => { });
        dispatcher.Dispatch(next);
        Assert.Equal(TaskState.Completed, Bounded.End(next));
        Assert.Equal(1, dispatcher.WorkerCount);
        Bounded.Quit(dispatcher, drain: true);
    }

    private sealed class StuckHost(Gate disposing, Gate released) : IWorkerHost
    {
        public bool CanRunTasks => true;

        public bool Run(IWorkerLoop loop)
        {
            loop.RunTasks();
            return true;
        }

        public void RequestStop()
        {
        }

        public void ForceStop()
        {
        }

        public void Dispose()
        {
            disposing.Open();
            released.WaitThroughInterrupts();
        }
    }
}
