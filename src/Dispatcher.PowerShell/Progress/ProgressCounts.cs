namespace Dispatching.PowerShell;

/// <summary>How many of some tasks are in which state, at one instant.</summary>
/// <param name="Done">How many have ended.</param>
/// <param name="Total">How many there are; <see langword="null"/> while more may come.</param>
/// <param name="Running">How many are on a worker.</param>
/// <param name="Failed">How many of those done failed.</param>
/// <param name="TimedOut">How many of those done timed out.</param>
/// <param name="FromJournal">How many of those done had completed in a run before, and did not run.</param>
internal sealed record ProgressCounts(long Done, long? Total, long Running, long Failed, long TimedOut = 0, long FromJournal = 0);
