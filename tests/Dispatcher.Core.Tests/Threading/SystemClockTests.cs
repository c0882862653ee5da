using System;
using System.Diagnostics;
using System.Reflection;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Threading;

public sealed class SystemClockTests
{
    [Fact]
    public void Time_does_not_go_back_and_is_the_time_of_day()
    {
        long last = Clock.System.GetTimestamp();
        for (int i = 0; i < 100_000; i++)
        {
            long now = Clock.System.GetTimestamp();
            Assert.True(now >= last);
            last = now;
        }

        Assert.InRange(Clock.System.ToDateTime(last) - DateTimeOffset.Now, TimeSpan.FromMinutes(-5), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void Dates_are_right_before_and_after_a_suspend_of_the_machine()
    {
        long count = Stopwatch.Frequency * 1000;
        var date = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        void Pass(double counted, double suspended)
        {
            count += (long)(counted * Stopwatch.Frequency);
            date = date.AddSeconds(counted + suspended);
        }

        // Not public: no other clock has a counter that can stand still.
        var clock = (Clock)Activator.CreateInstance(
            Clock.System.GetType(), BindingFlags.Instance | BindingFlags.NonPublic, binder: null, [(Func<long>)(() => count), (Func<DateTimeOffset>)(() => date)], culture: null)!;
        Pass(10, 0);
        long before = clock.GetTimestamp();
        DateTimeOffset dateBefore = date;
        Pass(1, 3600);
        long after = clock.GetTimestamp();
        DateTimeOffset dateAfter = date;
        Pass(60, -7200);
        long setBack = clock.GetTimestamp();

        Assert.Equal(TimeSpan.FromSeconds(1), TimeSpan.FromTicks(after - before));
        Assert.Equal(dateBefore, clock.ToDateTime(before));
        Assert.Equal(dateAfter, clock.ToDateTime(after));
        Assert.Equal(date, clock.ToDateTime(setBack));
        Assert.Equal(date.AddSeconds(5), clock.ToDateTime(setBack + TimeSpan.FromSeconds(5).Ticks));
    }

    [Fact]
    public void An_alarm_rings_once_and_not_before_its_time()
    {
        using var rang = new Gate("the alarm");
        long rangAt = 0;
        int rings = 0;
        Alarm alarm = Clock.System.CreateAlarm(() =>
        {
            rangAt = Clock.System.GetTimestamp();
            rings++;
            rang.Open();
        });
        long due = Clock.System.GetTimestamp() + TimeSpan.FromMilliseconds(30).Ticks;

        alarm.Set(due);

        rang.Wait();
        Assert.True(rangAt >= due);
        Assert.Equal(1, rings);
    }

    [Fact]
    public void A_later_setting_replaces_the_earlier()
    {
        using var rang = new Gate("the alarm");
        Alarm alarm = Clock.System.CreateAlarm(rang.Open);

        alarm.Set(Clock.System.GetTimestamp() + TimeSpan.FromDays(400).Ticks);
        Assert.False(rang.IsOpen);
        alarm.Set(0);

        rang.Wait();
    }

    [Fact]
    public void An_alarm_that_was_turned_off_can_be_set_again()
    {
        using var rang = new Gate("the alarm");
        using var other = new Gate("the other alarm");
        Alarm off = Clock.System.CreateAlarm(rang.Open);
        off.Set(Clock.System.GetTimestamp() + TimeSpan.FromMilliseconds(100).Ticks);
        off.Set(Clock.Never);
        Clock.System.CreateAlarm(other.Open).Set(Clock.System.GetTimestamp() + TimeSpan.FromMilliseconds(200).Ticks);
        other.Wait();
        Assert.False(rang.IsOpen);

        off.Set(0);

        rang.Wait();
    }
}
