namespace Dispatching.PowerShell;

/// <summary>How far a drain is, from when it began. What is sent meanwhile counts as well.</summary>
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
