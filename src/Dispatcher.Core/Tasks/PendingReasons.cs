namespace Dispatching;

/// <summary>The values of <see cref="DispatchTask.PendingReason"/> that there are today.</summary>
internal static class PendingReasons
{
    internal const string NotStarted = nameof(NotStarted);
    internal const string Retry = nameof(Retry);
    internal const string Queued = nameof(Queued);
}
