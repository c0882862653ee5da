namespace Dispatching.PowerShell;

/// <summary>Counts the progress of a drain since it began. Tasks that are sent meanwhile count as well.</summary>
internal sealed class DrainCount
{
    private readonly Dispatcher _dispatcher;
    private readonly DispatcherStatistics _start;

    internal DrainCount(Dispatcher dispatcher)
    {
        _dispatcher = dispatcher;
        _start = dispatcher.Statistics;
    }

    internal ProgressCounts Count()
    {
        DispatcherStatistics now = _dispatcher.Statistics;
        long done = Ended(now) - Ended(_start);
        return new ProgressCounts(done, done + now.Pending + now.Running, now.Running, now.Failed - _start.Failed, now.TimedOut - _start.TimedOut);
    }

    private static long Ended(DispatcherStatistics counts) => counts.Sent - counts.Pending - counts.Running;
}
