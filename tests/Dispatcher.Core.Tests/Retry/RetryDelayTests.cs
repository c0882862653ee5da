using System;
using System.Linq;
using Xunit;

namespace Dispatching.Tests.Retry;

public sealed class RetryDelayTests
{
    [Theory]
    [InlineData(RetryBackoff.Constant, new[] { 2.0, 2, 2, 2 })]
    [InlineData(RetryBackoff.Linear, new[] { 2.0, 4, 6, 8 })]
    [InlineData(RetryBackoff.Exponential, new[] { 2.0, 4, 8, 16 })]
    public void Waits_grow_as_the_backoff_says(RetryBackoff backoff, double[] expected)
    {
        var options = new TaskOptions { RetryDelay = TimeSpan.FromSeconds(2), RetryBackoff = backoff };
        Assert.Equal(expected, Enumerable.Range(1, 4).Select(attempt => RetryDelay.After(options, attempt, 0.3).TotalSeconds));
    }

    [Fact]
    public void None_is_longer_than_the_maximum()
    {
        var options = new TaskOptions { RetryDelay = TimeSpan.FromSeconds(2), RetryBackoff = RetryBackoff.Exponential, RetryMaxDelay = TimeSpan.FromSeconds(5) };
        Assert.Equal([2.0, 4, 5, 5], Enumerable.Range(1, 4).Select(attempt => RetryDelay.After(options, attempt, 0).TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(5), RetryDelay.After(options, int.MaxValue, 0));
        Assert.Equal(TimeSpan.Zero, RetryDelay.After(new TaskOptions { RetryDelay = TimeSpan.FromSeconds(2), RetryMaxDelay = TimeSpan.Zero }, 1, 0));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(0.5, 7.5)]
    [InlineData(0.999999, 9.999995)]
    public void Jitter_draws_from_the_upper_half_of_what_the_maximum_leaves(double random, double expected)
    {
        var options = new TaskOptions { RetryDelay = TimeSpan.FromSeconds(40), RetryMaxDelay = TimeSpan.FromSeconds(10), RetryJitter = true };
        Assert.Equal(expected, RetryDelay.After(options, 1, random).TotalSeconds, 5);
    }

    [Fact]
    public void Extreme_values_stay_in_range()
    {
        var endless = new TaskOptions { RetryDelay = TimeSpan.MaxValue, RetryBackoff = RetryBackoff.Linear };
        Assert.Equal(TimeSpan.MaxValue, RetryDelay.After(endless, int.MaxValue, 0));
        var doubled = new TaskOptions { RetryDelay = TimeSpan.FromTicks(1), RetryBackoff = RetryBackoff.Exponential };
        Assert.Equal(TimeSpan.MaxValue, RetryDelay.After(doubled, 5000, 0));
        var none = new TaskOptions { RetryBackoff = RetryBackoff.Exponential, RetryJitter = true };
        Assert.Equal(TimeSpan.Zero, RetryDelay.After(none, 5000, 0.5));
    }
}
