using System.Collections.Generic;
using System.Globalization;

namespace Dispatching;

/// <summary>
/// The tasks that one runner has claimed ahead and not started: each keeps its place in its group and counts as an open
/// start of the rate, and may come back to where it was.
/// </summary>
internal sealed class SentTasks : ISentSet
{
    private readonly RemoteRunners _runners;
    private readonly TaskList _tasks;

    internal SentTasks(RemoteRunners runners, TaskRunner runner)
    {
        _runners = runners;
        _tasks = new TaskList(this);
        Runner = runner;
    }

    /// <inheritdoc/>
    public TaskRunner Runner { get; }

    /// <inheritdoc/>
    public int Count => _tasks.Count;

    /// <inheritdoc/>
    public string GetReason(DispatchTask task) => PendingReasons.Sent(Runner.ComputerName ?? "worker " + Runner.Number.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        _tasks.Add(task);
        _runners.SentCount++;
    }

    /// <inheritdoc/>
    public void Remove(DispatchTask task)
    {
        _tasks.Remove(task);
        _runners.SentCount--;
    }

    /// <inheritdoc/>
    public void CopyTo(List<DispatchTask> target) => _tasks.CopyTo(target);

    /// <summary>Has all of them end as stopped when they come back, or once they start.</summary>
    internal void MarkStopped()
    {
        for (DispatchTask? task = _tasks.First; task is not null; task = task.Next)
        {
            task.IsLastAttempt = true;
        }
    }

    /// <inheritdoc/>
    public DispatchTask? TakeAny()
    {
        DispatchTask? task = _tasks.First;
        if (task is not null)
        {
            Remove(task);
        }

        return task;
    }
}
