namespace Dispatching;

/// <summary>The tasks that one runner elsewhere has claimed and not started. Guarded by the scheduler's lock.</summary>
internal interface ISentSet : IPendingSet
{
    RemoteRunner Runner { get; }
}
