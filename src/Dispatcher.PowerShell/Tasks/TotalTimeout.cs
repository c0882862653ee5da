using System;
using System.Globalization;

namespace Dispatching.PowerShell;

/// <summary>Halts the dispatcher of one call when its time is up: also while its input or its tasks are stuck.</summary>
internal sealed class TotalTimeout : IDisposable
{
    private readonly Alarm _alarm;

    internal TotalTimeout(Dispatcher dispatcher, TimeSpan timeout)
    {
        Clock clock = dispatcher.Scheduler.Clock;
        _alarm = clock.CreateAlarm(() => dispatcher.Scheduler.Starts.Halt(new DispatcherHaltedException(string.Format(
            CultureInfo.InvariantCulture, "The time of all tasks together, -TotalTimeout, is up after {0} s.", timeout.TotalSeconds))));
        _alarm.Set(Clock.Add(clock.GetTimestamp(), timeout));
    }

    /// <inheritdoc/>
    public void Dispose() => _alarm.Set(Clock.Never);
}
