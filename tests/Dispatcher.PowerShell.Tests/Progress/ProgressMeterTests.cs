using System;
using CsCheck;
using Xunit;

namespace Dispatching.PowerShell.Tests.Progress;

public sealed class ProgressMeterTests
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(100);

    [Fact]
    public void Nothing_is_due_in_the_first_second()
    {
        var meter = new ProgressMeter(s_start);
        Assert.Equal(ProgressMeter.ShownAfter, meter.UntilDue(s_start));
        Assert.Equal(TimeSpan.FromSeconds(0.25), meter.UntilDue(At(0.75)));
        Assert.Equal(TimeSpan.Zero, meter.UntilDue(At(1)));
        Assert.Equal(TimeSpan.Zero, meter.UntilDue(At(5)));
    }

    [Fact]
    public void An_update_keeps_the_next_one_back_for_the_interval()
    {
        var meter = new ProgressMeter(s_start);
        meter.Measure(At(3), new ProgressCounts(1, 2, 1, 0));
        Assert.Equal(ProgressMeter.Interval, meter.UntilDue(At(3)));
        Assert.Equal(TimeSpan.Zero, meter.UntilDue(At(3) + ProgressMeter.Interval));
    }

    [Theory]
    [InlineData(0, 40L, 0)]
    [InlineData(13, 40L, 32)]
    [InlineData(40, 40L, 100)]
    [InlineData(1, 3_000_000_000L, 0)]
    [InlineData(0, 0L, -1)]
    [InlineData(13, null, -1)]
    public void The_percentage_is_that_of_a_known_total(long done, long? total, int expected) =>
        Assert.Equal(expected, new ProgressMeter(s_start).Measure(At(1), new ProgressCounts(done, total, 0, 0)).Percent);

    [Theory]
    [InlineData(10, 40L, 30)]
    [InlineData(40, 40L, 0)]
    [InlineData(0, 40L, -1)]
    [InlineData(10, null, -1)]
    [InlineData(1, 3_000_000_000L, int.MaxValue)]
    public void The_time_left_follows_from_the_rate(long done, long? total, int expected) =>
        Assert.Equal(expected, new ProgressMeter(s_start).Measure(At(10), new ProgressCounts(done, total, 0, 0)).SecondsLeft);

    [Fact]
    public void What_failed_and_what_timed_out_is_told_apart() => Assert.Equal(
        "5 of 9 done, 2 running, 1 failed, 3 timed out",
        new ProgressMeter(s_start).Measure(At(0), new ProgressCounts(5, 9, 2, 1, 3)).Status);

    [Theory]
    [InlineData(12, 40L, 4, 1, 10, "12 of 40 done, 4 running, 1 failed, 1.2/s")]
    [InlineData(12, 40L, 4, 0, 1, "12 of 40 done, 4 running, 12/s")]
    [InlineData(12, null, 4, 0, 120, "12 done so far, 4 running, 6.0/min")]
    [InlineData(1, 9L, 2, 0, 1800, "1 of 9 done, 2 running, 2.0/h")]
    [InlineData(0, 9L, 2, 0, 5, "0 of 9 done, 2 running")]
    public void The_status_tells_all_in_one_line(long done, long? total, long running, long failed, double seconds, string expected)
    {
        string status = new ProgressMeter(s_start).Measure(At(seconds), new ProgressCounts(done, total, running, failed)).Status;
        Assert.Equal(expected, status.Replace(',', '.').Replace(". ", ", ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_steady_rate_stays_as_it_is()
    {
        var meter = new ProgressMeter(s_start);
        for (int i = 1; i <= 200; i++)
        {
            meter.Measure(At(i * 0.2), new ProgressCounts(i * 3, 1000, 1, 0));
            Assert.Equal(15, meter.Rate, precision: 6);
        }
    }

    [Fact]
    public void The_rate_follows_a_change_within_its_memory_and_does_not_jump()
    {
        var meter = new ProgressMeter(s_start);
        long done = 0;
        double last = Feed(meter, from: 0, to: 20, perUpdate: 4, ref done);
        Assert.Equal(20, last, precision: 6);
        double soon = Feed(meter, from: 20, to: 20.2, perUpdate: 0, ref done);
        Assert.InRange(soon, 18, 20);
        double later = Feed(meter, from: 20.2, to: 60, perUpdate: 0, ref done);
        Assert.InRange(later, 0, 2);
    }

    [Fact]
    public void Bursts_far_apart_leave_the_time_left_within_bounds()
    {
        // Four at a time, each of a minute: 4 a minute, and 400 take 100 minutes.
        var meter = new ProgressMeter(s_start);
        for (double second = 0.2; second < 1800; second += 0.2)
        {
            int left = meter.Measure(At(second), new ProgressCounts((long)(second / 60) * 4, 400, 4, 0)).SecondsLeft;
            if (second > 600)
            {
                double actual = 6000 - second;
                Assert.InRange(left, actual * 0.8, actual * 1.4);
            }
        }
    }

    [Fact]
    public void Figures_are_within_their_ranges_whatever_is_measured() =>
        Gen.Select(Gen.Double[0, 3600], Gen.Long[0, 1_000_000], Gen.Long[0, 1_000_000]).Array[1, 30].Sample(steps =>
        {
            var meter = new ProgressMeter(s_start);
            double at = 0;
            foreach ((double passed, long done, long total) in steps)
            {
                at += passed;
                ProgressFigures figures = meter.Measure(At(at), new ProgressCounts(done, total, 0, 0));
                Assert.InRange(figures.Percent, -1, 100);
                Assert.InRange(figures.SecondsLeft, -1, int.MaxValue);
                Assert.False(double.IsNaN(meter.Rate) || meter.Rate < 0);
            }
        });

    private static TimeSpan At(double seconds) => s_start + TimeSpan.FromSeconds(seconds);

    private static double Feed(ProgressMeter meter, double from, double to, int perUpdate, ref long done)
    {
        for (double second = from + 0.2; second <= to + 0.001; second += 0.2)
        {
            done += perUpdate;
            meter.Measure(At(second), new ProgressCounts(done, null, 0, 0));
        }

        return meter.Rate;
    }
}
