namespace Dispatching;

/// <summary>The tasks of one group that have no place in it, in the order in which they get one.</summary>
internal sealed class GroupQueue : PriorityLists
{
    internal GroupQueue(IPendingSet owner)
        : base(owner)
    {
    }

    /// <inheritdoc/>
    public override string GetReason(DispatchTask task) => PendingReasons.Group;

    private protected override DispatchTask? Choose(TaskList list) => list.First;
}
