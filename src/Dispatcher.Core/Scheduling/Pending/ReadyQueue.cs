namespace Dispatching;

/// <summary>Tasks that may start now, in the order they start in: by priority, and of those with the same, first in, first out.</summary>
internal class ReadyQueue : PriorityLists
{
    internal ReadyQueue(IPendingSet? owner = null)
        : base(owner)
    {
    }

    /// <inheritdoc/>
    public override string GetReason(DispatchTask task) => PendingReasons.Queued;

    private protected override DispatchTask? Choose(TaskList list) => list.First;
}
