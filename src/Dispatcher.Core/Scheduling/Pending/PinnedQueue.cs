using System.Collections.Generic;

namespace Dispatching;

/// <summary>The ready tasks of one host.</summary>
internal sealed class PinnedQueue : ReadyQueue
{
    internal PinnedQueue(IPendingSet owner, string hostName)
        : base(owner) => HostName = hostName;

    internal string HostName { get; }

    /// <summary>Its place among those whose runners are to be woken; the <see cref="ReadyTasks"/> make it.</summary>
    internal LinkedListNode<PinnedQueue>? NotedPlace { get; set; }
}
