using System.Collections.Generic;

namespace Dispatching;

/// <summary>The tasks that wait for others to end: see <see cref="TaskOptions.DependsOn"/>.</summary>
internal sealed class DependentTasks : IPendingSet
{
    private readonly TaskList _tasks;

    internal DependentTasks() => _tasks = new TaskList(this);

    /// <inheritdoc/>
    public int Count => _tasks.Count;

    /// <inheritdoc/>
    public string GetReason(DispatchTask task) => PendingReasons.Dependency;

    /// <inheritdoc/>
    public void Add(DispatchTask task) => _tasks.Add(task);

    /// <inheritdoc/>
    public void Remove(DispatchTask task) => _tasks.Remove(task);

    /// <inheritdoc/>
    public void CopyTo(List<DispatchTask> target) => _tasks.CopyTo(target);

    /// <inheritdoc/>
    public DispatchTask? TakeAny() => _tasks.TakeFirst();
}
