using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class TotalTimeoutTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public void It_halts_the_dispatcher_while_more_tasks_may_come()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { Clock = _clock });
        using var timeout = new TotalTimeout(dispatcher, TimeSpan.FromSeconds(1));
        _clock.Ring?.Invoke();
        Assert.Contains("-TotalTimeout", dispatcher.HaltReason?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_halts_it_while_tasks_are_left()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { Clock = _clock });
        dispatcher.Send(new DispatchTask(new Nothing()));
        using var timeout = new TotalTimeout(dispatcher, TimeSpan.FromSeconds(1));
        timeout.CompleteInput();
        _clock.Ring?.Invoke();
        Assert.NotNull(dispatcher.HaltReason);
    }

    [Fact]
    public void Output_that_is_read_slowly_does_not_count()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { Clock = _clock });
        using var timeout = new TotalTimeout(dispatcher, TimeSpan.FromSeconds(1));
        timeout.CompleteInput();
        _clock.Ring?.Invoke();
        Assert.Null(dispatcher.HaltReason);
    }

    private sealed class Nothing : IDispatchable
    {
        public void Execute(TaskContext context)
        {
        }
    }

    /// <summary>A clock that stands still. Its last alarm rings when the test says so.</summary>
    private sealed class HandClock : Clock
    {
        internal Action? Ring { get; private set; }

        public override long GetTimestamp() => TimeSpan.TicksPerHour;

        public override DateTimeOffset ToDateTime(long timestamp) => DateTimeOffset.UnixEpoch.AddTicks(timestamp);

        public override Alarm CreateAlarm(Action ring)
        {
            Ring = ring;
            return new Silent();
        }

        private sealed class Silent : Alarm
        {
            public override void Set(long timestamp)
            {
                // The test rings.
            }
        }
    }
}
