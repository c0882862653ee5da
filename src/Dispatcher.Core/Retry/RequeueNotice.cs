using System;
using System.Globalization;

namespace Dispatching;

/// <summary>What a task's output says where an attempt lost its host after it had written something. Its text is put together when it is read.</summary>
public sealed class RequeueNotice
{
    private readonly string _taskName;

    internal RequeueNotice(DispatchTask task, Exception reason)
    {
        _taskName = task.Name;
        TaskId = task.Id;
        Attempt = task.Attempt;
        Exception = reason;
    }

    /// <summary>The id of the task.</summary>
    public long TaskId { get; }

    /// <summary>Which attempt lost its host, from 1.</summary>
    public int Attempt { get; }

    /// <summary>How the host was lost.</summary>
    public Exception Exception { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Format(
        CultureInfo.InvariantCulture,
        "Task {0} '{1}' runs again from its start, since the host that ran attempt {2} was lost. What that attempt had written stays. {3}",
        TaskId,
        _taskName,
        Attempt,
        Exception.Message);
}
