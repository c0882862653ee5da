using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Shows the progress of the tasks that a cmdlet waits for. There is no timer: the waiting thread checks the time when it
/// has something to do anyway, and otherwise wakes up to five times a second, where progress is shown at all.
/// </summary>
internal sealed class TaskProgress
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ProgressMeter _meter = new(TimeSpan.Zero);
    private readonly ProgressRelay _relay;
    private readonly Func<ProgressCounts> _count;

    private TaskProgress(ProgressRelay relay, Func<ProgressCounts> count)
    {
        _relay = relay;
        _count = count;
    }

    /// <summary>
    /// Starts the clock; <see langword="null"/> where progress is silenced, and inside a task, whose records would hold every
    /// update.
    /// </summary>
    /// <param name="relay">The activity to show it under.</param>
    /// <param name="count">Counts the tasks, when an update is due.</param>
    internal static TaskProgress? Start(ProgressRelay relay, Func<ProgressCounts> count) =>
        relay.IsSilent || Dispatcher.Current is not null ? null : new TaskProgress(relay, count);

    /// <summary>Shows the progress if an update is due.</summary>
    internal void Update()
    {
        TimeSpan now = _clock.Elapsed;
        if (_meter.UntilDue(now) == TimeSpan.Zero)
        {
            _relay.Show(_meter.Measure(now, _count()));
        }
    }

    /// <summary>Waits in slices, and shows the progress between them.</summary>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="wait">Waits for this long at most, and returns whether there is nothing more to wait for.</param>
    /// <returns>What the last wait returned: <see langword="false"/> when the time is up.</returns>
    internal bool Wait(TimeSpan timeout, Func<TimeSpan, bool> wait)
    {
        TimeSpan start = _clock.Elapsed;
        while (true)
        {
            Update();
            TimeSpan now = _clock.Elapsed;
            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout - (now - start);
            TimeSpan slice = _meter.UntilDue(now);
            if (left <= slice)
            {
                return wait(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }

            if (wait(slice))
            {
                return true;
            }
        }
    }
}
