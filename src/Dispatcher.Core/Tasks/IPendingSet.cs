using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// Holds tasks that are pending for one reason. A task is in one set at most, and knows it as <see cref="DispatchTask.PendingSet"/>.
/// Guarded by the scheduler's lock.
/// </summary>
internal interface IPendingSet
{
    /// <summary>What <see cref="DispatchTask.PendingReason"/> says of a task that is in it, while the dispatcher runs.</summary>
    string GetReason(DispatchTask task);

    int Count { get; }

    /// <summary>Takes a task in that is in no set.</summary>
    void Add(DispatchTask task);

    /// <summary>Takes a task out that is in it.</summary>
    void Remove(DispatchTask task);

    void CopyTo(List<DispatchTask> target);

    /// <summary>Takes any task out, for a scheduler that ends all; <see langword="null"/> when there is none left.</summary>
    DispatchTask? TakeAny();
}
