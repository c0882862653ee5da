namespace Dispatching;

/// <summary>
/// The tasks that were accepted beyond the bound of the ready queue: they move there by priority, and of those with the
/// same, last in, first out.
/// </summary>
internal sealed class OverflowStack : PriorityLists
{
    /// <inheritdoc/>
    public override string GetReason(DispatchTask task) => PendingReasons.Queued;

    private protected override DispatchTask? Choose(TaskList list) => list.Last;
}
