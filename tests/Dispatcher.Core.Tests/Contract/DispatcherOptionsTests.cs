using System;
using System.Threading;
using Xunit;

namespace Dispatching.Tests.Contract;

public sealed class DispatcherOptionsTests
{
    [Fact]
    public void The_constants_are_those_of_the_contract()
    {
        Assert.Equal(TimeSpan.FromSeconds(10), Dispatcher.DefaultTaskTimeout);
        Assert.Equal(TimeSpan.FromMinutes(5), Dispatcher.DefaultWaitBetweenScaleDowns);
        Assert.Equal(5, Dispatcher.DefaultDispatchMissesBeforeDraining);
        Assert.Equal(TimeSpan.FromSeconds(2), Dispatcher.DefaultStopGrace);
        Assert.Equal(1000, Dispatcher.DefaultQueueSize);
        Assert.Equal(1000, Dispatcher.DefaultHistorySize);
        Assert.Equal(Math.Max(5, Environment.ProcessorCount), Dispatcher.DefaultMaxWorkers);
    }

    [Fact]
    public void The_constructor_of_the_contract_makes_an_overflowing_dispatcher()
    {
        using var dispatcher = new Dispatcher(7, 2, 3);

        Assert.Equal(QueueFullMode.Overflow, dispatcher.QueueFullMode);
        Assert.Equal(7, dispatcher.QueueSize);
        Assert.Equal(2, dispatcher.MinWorkers);
        Assert.Equal(3, dispatcher.MaxWorkers);
    }

    [Fact]
    public void Options_that_are_left_out_have_the_defaults()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions());

        Assert.Equal(QueueFullMode.Wait, dispatcher.QueueFullMode);
        Assert.Equal(Dispatcher.DefaultQueueSize, dispatcher.QueueSize);
        Assert.Equal(1, dispatcher.MinWorkers);
        Assert.Equal(Dispatcher.DefaultMaxWorkers, dispatcher.MaxWorkers);
        Assert.Equal(Dispatcher.DefaultTaskTimeout, dispatcher.TaskTimeout);
        Assert.Equal(Dispatcher.DefaultStopGrace, dispatcher.StopGrace);
        Assert.Equal(Dispatcher.DefaultWaitBetweenScaleDowns, dispatcher.ScaleDownInterval);
        Assert.Equal("Dispatcher" + dispatcher.Id, dispatcher.Name);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 3, 2)]
    public void Sizes_out_of_range_are_refused(int queueSize, int minWorkers, int maxWorkers)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dispatcher(queueSize, minWorkers, maxWorkers));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(3, 2)]
    public void A_resize_out_of_range_is_refused_and_changes_nothing(int minWorkers, int maxWorkers)
    {
        using var dispatcher = new Dispatcher(1, 1, 2);

        Assert.Throws<ArgumentOutOfRangeException>(() => dispatcher.SetWorkers(minWorkers, maxWorkers));

        Assert.Equal(1, dispatcher.MinWorkers);
        Assert.Equal(2, dispatcher.MaxWorkers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public void Limits_must_be_more_than_zero_or_infinite(int milliseconds)
    {
        TimeSpan limit = TimeSpan.FromMilliseconds(milliseconds);
        using var dispatcher = new Dispatcher(1, 1, 1);

        Assert.Throws<ArgumentOutOfRangeException>(() => new DispatcherOptions { TaskTimeout = limit });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DispatcherOptions { ScaleDownInterval = limit });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TaskOptions { Timeout = limit });
        Assert.Throws<ArgumentOutOfRangeException>(() => dispatcher.TaskTimeout = limit);
        Assert.Throws<ArgumentOutOfRangeException>(() => dispatcher.ScaleDownInterval = limit);
        dispatcher.TaskTimeout = Timeout.InfiniteTimeSpan;
        Assert.Equal(Timeout.InfiniteTimeSpan, dispatcher.TaskTimeout);
    }

    [Fact]
    public void Negative_numbers_are_refused()
    {
        TimeSpan negative = TimeSpan.FromTicks(-1);

        Assert.Throws<ArgumentOutOfRangeException>(() => new DispatcherOptions { StopGrace = negative });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DispatcherOptions { HistorySize = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TaskOptions { RetryDelay = negative });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TaskOptions { Retries = -1 });
    }
}
