using System;
using System.Globalization;

namespace Dispatching;

/// <summary>Checks of arguments that several types share.</summary>
internal static class Require
{
    internal static int AtLeast(int value, int least, string name) => value >= least
        ? value
        : throw new ArgumentOutOfRangeException(name, value, string.Format(CultureInfo.InvariantCulture, "{0} must be at least {1}.", name, least));

    internal static TimeSpan Duration(TimeSpan value, string name) => value >= TimeSpan.Zero
        ? value
        : throw new ArgumentOutOfRangeException(name, value, name + " must be zero or more.");

    internal static TimeSpan Timeout(TimeSpan value, string name) => value > TimeSpan.Zero || value == System.Threading.Timeout.InfiniteTimeSpan
        ? value
        : throw new ArgumentOutOfRangeException(name, value, name + " must be more than zero, or Timeout.InfiniteTimeSpan for no limit.");

    internal static T NotNull<T>(T? value, string name)
        where T : class => value ?? throw new ArgumentNullException(name);
}
