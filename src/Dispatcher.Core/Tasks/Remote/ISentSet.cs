namespace Dispatching;

/// <summary>The tasks that one runner has claimed ahead and not started. Guarded by the scheduler's lock.</summary>
internal interface ISentSet : IPendingSet
{
    TaskRunner Runner { get; }
}
