namespace Dispatching;

/// <summary>The values of <see cref="DispatchTask.PendingReason"/> that there are today.</summary>
internal static class PendingReasons
{
    internal const string NotStarted = nameof(NotStarted);
    internal const string Retry = nameof(Retry);
    internal const string Queued = nameof(Queued);
    internal const string Suspended = nameof(Suspended);
    internal const string Delay = nameof(Delay);
    internal const string Dependency = nameof(Dependency);
    internal const string Group = nameof(Group);
    internal const string Rate = nameof(Rate);

    internal static string Sent(string computerName) => "sent to " + computerName + ", and not started there yet";

    internal static string Pinned(string hostName) => "pinned to host '" + hostName + "', which has no session";
}
