using System;
using System.Globalization;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests.Formatting;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.0001, "<1 ms")]
    [InlineData(0.0352, "35 ms")]
    [InlineData(0.9994, "999 ms")]
    [InlineData(0.9996, "1.0 s")]
    [InlineData(1.24, "1.2 s")]
    [InlineData(59.94, "59.9 s")]
    [InlineData(59.96, "1 min 00 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(3599.4, "59 min 59 s")]
    [InlineData(3599.6, "1 h 00 min")]
    [InlineData(7800, "2 h 10 min")]
    [InlineData(86400, "1 d 00 h")]
    [InlineData(356400, "4 d 03 h")]
    public void Two_units_at_most(double seconds, string expected)
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            Assert.Equal(expected, DurationText.Format(TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void No_limit_is_said_so() => Assert.Equal("none", DurationText.Format(Timeout.InfiniteTimeSpan));
}
