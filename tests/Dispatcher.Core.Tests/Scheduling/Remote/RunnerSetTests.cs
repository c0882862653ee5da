using System;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Remote;

/// <summary>Sessions live by the runs of their dispatcher.</summary>
public sealed class RunnerSetTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly FakeRunnerSet _set = new();
    private readonly Dispatcher _dispatcher;

    public RunnerSetTests() => _dispatcher = new Dispatcher(new DispatcherOptions { Clock = _clock, HasNoWorkers = true, Runners = _set });

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void It_opens_with_a_run_and_a_stop_waits_until_it_is_closed()
    {
        Assert.Equal(0, _set.OpenCount);
        _dispatcher.Run();
        _dispatcher.Run();
        Assert.Equal((1, 0), (_set.OpenCount, _set.CloseCount));
        Assert.Same(_dispatcher.Scheduler, _set.Scheduler);
        PendingStop stop = _dispatcher.BeginQuit(drain: true);
        Assert.Equal((1, DispatcherStatus.Stopped), (_set.CloseCount, _dispatcher.Status));
        Assert.False(stop.Wait(TimeSpan.Zero, default));
        _set.ReportClosed();
        Assert.True(stop.Wait(TimeSpan.Zero, default));
        _dispatcher.Run();
        Assert.Equal(2, _set.OpenCount);
    }

    [Fact]
    public void It_is_closed_only_when_nothing_runs_and_nothing_is_sent()
    {
        _dispatcher.Run();
        var runner = new FakeRemoteRunner(_dispatcher);
        _dispatcher.Dispatch(Body.Nothing());
        _dispatcher.Dispatch(Body.Nothing());
        System.Collections.Generic.List<DispatchTask> tasks = runner.Claim();
        TaskContext attempt = runner.Run(tasks[0]);
        _dispatcher.BeginQuit(drain: false);
        runner.Complete(attempt);
        Assert.Equal(0, _set.CloseCount);
        runner.Return(tasks[1]);
        Assert.Equal(1, _set.CloseCount);
    }

    [Fact]
    public void Its_end_is_waited_for_15_s()
    {
        _dispatcher.Run();
        PendingStop stop = _dispatcher.BeginQuit(drain: false);
        _clock.AdvanceSeconds(14);
        Assert.False(stop.Wait(TimeSpan.Zero, default));
        _clock.AdvanceSeconds(1);
        Assert.True(stop.Wait(TimeSpan.Zero, default));
        _dispatcher.Run();
        stop = _dispatcher.BeginQuit(drain: false);
        _set.ReportClosed(); // The first, too late.
        Assert.False(stop.Wait(TimeSpan.Zero, default));
        _set.ReportClosed();
        Assert.True(stop.Wait(TimeSpan.Zero, default));
    }

    [Fact]
    public void A_run_that_comes_before_its_end_opens_it_after_that()
    {
        _dispatcher.Run();
        PendingStop first = _dispatcher.BeginQuit(drain: false);
        _dispatcher.Run();
        Assert.True(first.Wait(TimeSpan.Zero, default));
        Assert.Equal(1, _set.OpenCount);
        _set.ReportClosed();
        Assert.Equal(2, _set.OpenCount);
        PendingStop second = _dispatcher.BeginQuit(drain: false);
        Assert.False(second.Wait(TimeSpan.Zero, default));
        _set.ReportClosed();
        Assert.True(second.Wait(TimeSpan.Zero, default));
    }

    [Fact]
    public void A_stop_that_comes_before_it_is_open_again_need_not_open_it()
    {
        _dispatcher.Run();
        _dispatcher.BeginQuit(drain: false);
        _dispatcher.Run();
        PendingStop stop = _dispatcher.BeginQuit(drain: false);
        Assert.False(stop.Wait(TimeSpan.Zero, default));
        _set.ReportClosed();
        Assert.True(stop.Wait(TimeSpan.Zero, default));
        Assert.Equal((1, 1), (_set.OpenCount, _set.CloseCount));
    }

    [Fact]
    public void It_may_report_its_end_at_once()
    {
        _set.ClosesAtOnce = true;
        _dispatcher.Run();
        Assert.True(_dispatcher.Quit(drain: true, TimeSpan.Zero));
        _dispatcher.Run();
        Assert.True(_dispatcher.Quit(drain: true, TimeSpan.Zero));
        Assert.Equal((2, 2), (_set.OpenCount, _set.CloseCount));
    }

    [Fact]
    public void Starts_and_stops_from_several_threads_take_turns()
    {
        _set.ClosesAtOnce = true;
        Bounded.OnThreads(3, _ =>
        {
            for (int i = 0; i < 200; i++)
            {
                _dispatcher.Run();
                _dispatcher.BeginQuit(drain: false);
            }
        });
        Bounded.Quit(_dispatcher, drain: false);
        Assert.Equal(_set.OpenCount, _set.CloseCount);
    }

    [Fact]
    public void Its_lanes_are_the_workers_that_users_see()
    {
        _set.OpenLanes = 4;
        _dispatcher.Run();
        Assert.Equal((8, 4, 4), (_dispatcher.MaxWorkers, _dispatcher.WorkerCount, _dispatcher.IdleWorkerCount));
        var runner = new FakeRemoteRunner(_dispatcher);
        _dispatcher.Dispatch(Body.Nothing());
        TaskContext attempt = runner.Run(runner.Claim()[0]);
        Assert.Equal(3, _dispatcher.IdleWorkerCount);
        runner.Complete(attempt);
        Assert.Throws<InvalidOperationException>(() => _dispatcher.SetWorkers(1, 2));
    }

    [Fact]
    public void The_end_of_the_dispatcher_closes_it()
    {
        _dispatcher.Run();
        _dispatcher.Dispose();
        Assert.Equal(1, _set.CloseCount);
    }
}
