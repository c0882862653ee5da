using System.Globalization;

namespace Dispatching;

/// <summary>
/// The counts of a dispatcher at one instant. <see cref="Sent"/> is always the sum of <see cref="Pending"/>,
/// <see cref="Running"/>, <see cref="Completed"/>, <see cref="Failed"/>, <see cref="TimedOut"/> and <see cref="Stopped"/>.
/// </summary>
public sealed class DispatcherStatistics
{
    internal DispatcherStatistics()
    {
    }

    /// <summary>Tasks accepted since the dispatcher was made.</summary>
    public long Sent { get; init; }

    /// <summary>Tasks that wait for a worker or for their next attempt.</summary>
    public long Pending { get; init; }

    /// <summary>Tasks on a worker.</summary>
    public long Running { get; init; }

    /// <summary>Tasks that ended by themselves.</summary>
    public long Completed { get; init; }

    /// <summary>Tasks that ended by an error of their own.</summary>
    public long Failed { get; init; }

    /// <summary>Tasks that reached their timeout.</summary>
    public long TimedOut { get; init; }

    /// <summary>Tasks that were stopped on request.</summary>
    public long Stopped { get; init; }

    /// <summary>Tasks that were not accepted because the queue was full; not part of <see cref="Sent"/>.</summary>
    public long Rejected { get; init; }

    /// <summary>How many of the completed ones had completed in a run before, by the journal, and did not run.</summary>
    public long FromJournal { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Format(
        CultureInfo.InvariantCulture,
        "{0} sent: {1} pending, {2} running, {3} completed, {4} failed, {5} timed out, {6} stopped",
        Sent,
        Pending,
        Running,
        Completed,
        Failed,
        TimedOut,
        Stopped);
}
