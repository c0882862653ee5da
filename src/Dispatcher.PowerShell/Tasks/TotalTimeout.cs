using System;
using System.Globalization;

namespace Dispatching.PowerShell;

/// <summary>Halts the dispatcher of one call when its time is up: also while its input or its tasks are stuck.</summary>
internal sealed class TotalTimeout : IDisposable
{
    private readonly Alarm _alarm;
    private volatile bool _isInputComplete;

    internal TotalTimeout(Dispatcher dispatcher, TimeSpan timeout)
    {
        Clock clock = dispatcher.Scheduler.Clock;
        _alarm = clock.CreateAlarm(() =>
        {
            DispatcherStatistics counts = dispatcher.Statistics;
            if (!_isInputComplete || counts.Pending + counts.Running > 0)
            {
                dispatcher.Scheduler.Starts.Halt(new DispatcherHaltedException(string.Format(
                    CultureInfo.InvariantCulture, "The time of all tasks together, -TotalTimeout, is up after {0} s.", timeout.TotalSeconds)), FailureAction.StopAll);
            }
        });
        _alarm.Set(Clock.Add(clock.GetTimestamp(), timeout));
    }

    /// <summary>No further task comes: once all have ended, the time that their output takes does not count.</summary>
    internal void CompleteInput() => _isInputComplete = true;

    /// <inheritdoc/>
    public void Dispose() => _alarm.Set(Clock.Never);
}
