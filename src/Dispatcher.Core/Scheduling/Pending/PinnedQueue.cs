namespace Dispatching;

/// <summary>The ready tasks of one host.</summary>
internal sealed class PinnedQueue : ReadyQueue
{
    internal PinnedQueue(IPendingSet owner, string hostName)
        : base(owner) => HostName = hostName;

    internal string HostName { get; }

    /// <summary>Whether it is among those whose runners are to be woken.</summary>
    internal bool IsNoted { get; set; }
}
