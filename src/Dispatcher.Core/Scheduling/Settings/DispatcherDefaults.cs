using System;

namespace Dispatching;

/// <summary>The defaults of <see cref="DispatcherOptions"/>, which <see cref="Dispatcher"/> shows as its own.</summary>
internal static class DispatcherDefaults
{
    internal const int QueueSize = 1000;
    internal const int HistorySize = 1000;
    internal const long JournalOutputLimit = 1024 * 1024;

    internal static TimeSpan StopGrace { get; } = TimeSpan.FromSeconds(2);

    internal static TimeSpan ScaleDownInterval { get; } = TimeSpan.FromMinutes(5);

    // At least 5: most tasks wait for something, and do not keep a processor busy.
    internal static int MaxWorkers { get; } = Math.Max(5, Environment.ProcessorCount);
}
