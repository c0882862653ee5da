using System;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

public sealed class PendingReasonTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;

    public PendingReasonTests() => _dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, Clock = _clock });

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void A_task_says_why_it_is_pending_until_it_is_not()
    {
        using var blocked = new Gate("the first task");
        DispatchTask first = Body.Task(_ => blocked.Wait());
        DispatchTask second = Body.Nothing();
        Assert.Null(first.PendingReason);

        _dispatcher.Dispatch(first);
        _dispatcher.Dispatch(second);
        Assert.Equal("NotStarted", first.PendingReason);

        _dispatcher.Run();
        Bounded.Until(() => first.State == TaskState.Running, "The first task did not start.");
        Assert.Null(first.PendingReason);
        Assert.Equal("Queued", second.PendingReason);

        _dispatcher.Quit(drain: false, TimeSpan.Zero);
        Assert.Equal("NotStarted", second.PendingReason);

        blocked.Open();
        Bounded.Quit(_dispatcher, drain: false);
        _dispatcher.Run();
        Bounded.End(second);
        Assert.Null(second.PendingReason);
    }

    [Fact]
    public void One_that_waits_for_its_next_attempt_says_so()
    {
        DispatchTask task = Body.Task(_ => throw new InvalidOperationException(), new TaskOptions { Retries = 1, RetryDelay = TimeSpan.FromSeconds(3) });
        _dispatcher.Dispatch(task);
        _dispatcher.Run();
        Bounded.Until(() => task.State == TaskState.Pending && task.Attempt == 1, "The first attempt did not end.");
        Assert.Equal("Retry", task.PendingReason);

        Bounded.Quit(_dispatcher, drain: false);
        Assert.Equal("NotStarted", task.PendingReason);

        _dispatcher.Dispose();
        Assert.Equal(TaskState.Stopped, task.State);
        Assert.Null(task.PendingReason);
    }
}
