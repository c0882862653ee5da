namespace Dispatching;

/// <summary>
/// A session that has tasks run in another process or on another machine: several at once, with others sent ahead that have
/// not started there yet. One object stands for one session: whoever opens another after a loss makes another.
/// </summary>
internal abstract class RemoteRunner : TaskRunner
{
    /// <param name="owner">The scheduler whose tasks it runs.</param>
    /// <param name="number">What its tasks show as <see cref="DispatchTask.Worker"/>.</param>
    /// <param name="hostName">The name of its host in <see cref="TaskOptions.HostName"/>.</param>
    /// <param name="computerName">What its tasks show as <see cref="DispatchTask.ComputerName"/>.</param>
    /// <param name="lanes">How many tasks it runs at once.</param>
    protected RemoteRunner(ITaskOwner owner, int number, string hostName, string computerName, int lanes)
        : base(owner, number)
    {
        HostName = hostName;
        ComputerName = computerName;
        Lanes = lanes;
    }

    internal override string HostName { get; }

    internal int Lanes { get; }

    internal sealed override bool HoldsPlace => !HasLeft;

    // What opens at the far end counts for no timeout here: an attempt begins when its body does.
    internal sealed override IWorkerHost? Host => null;

    /// <summary>Whether it was woken and has yet to claim. The <c>WaitingTakers</c> set it. Guarded by the scheduler's lock.</summary>
    internal bool IsCalled { get; set; }

    internal sealed override void AbandonTask()
    {
        // None of its tasks has a thread of this process.
    }
}
