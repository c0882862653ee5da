using System;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

/// <summary>What ends a task by force may hang itself.</summary>
public sealed class ForceTimeoutTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;
    private readonly HangingForce _body = new();

    public ForceTimeoutTests()
    {
        _dispatcher = new Dispatcher(new DispatcherOptions { Clock = _clock, MinWorkers = 1, MaxWorkers = 1, StopGrace = TimeSpan.FromSeconds(1) });
        _dispatcher.Run();
    }

    public void Dispose()
    {
        _body.Dispose();
        _dispatcher.Dispose();
    }

    [Fact]
    public void Two_seconds_after_the_grace_the_task_is_abandoned_all_the_same()
    {
        var task = new DispatchTask(_body, new TaskOptions { Timeout = TimeSpan.FromSeconds(5) });
        _dispatcher.Dispatch(task);
        _body.Started.Wait();
        _clock.AdvanceSeconds(6);
        _body.Forced.Wait();
        Assert.True(_body.WasAsked);
        _clock.AdvanceSeconds(1.9);
        Assert.Equal((TaskState.Running, false), (task.State, _body.WasAbandoned));
        _clock.AdvanceSeconds(0.1);
        Assert.Equal((TaskState.TimedOut, true), (task.State, _body.WasAbandoned));
        Assert.Equal(1, _dispatcher.WorkerCount);
        DispatchTask next = Body.Nothing();
        _dispatcher.Dispatch(next);
        Assert.Equal(TaskState.Completed, Bounded.End(next));
    }

    private sealed class HangingForce : IDispatchable, IStopHandler, IDisposable
    {
        private readonly Gate _released = new("the end of the test");

        internal Gate Started { get; } = new("the task to start");

        internal Gate Forced { get; } = new("force to be used");

        internal bool WasAsked { get; private set; }

        internal bool WasAbandoned { get; private set; }

        public void Execute(TaskContext context)
        {
            context.StopHandler = this;
            Started.Open();
            _released.WaitThroughInterrupts();
        }

        public void Ask() => WasAsked = true;

        public void Force()
        {
            Forced.Open();
            _released.Wait();
        }

        public void Abandon() => WasAbandoned = true;

        public void Dispose() => _released.Open();
    }
}
