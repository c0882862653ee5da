using System.Globalization;

namespace Dispatching;

/// <summary>What a task's output says once at its end about the output of failed attempts. Its text is put together when it is read.</summary>
public sealed class DroppedOutputNotice
{
    private readonly string _taskName;
    private readonly int _attempts;

    internal DroppedOutputNotice(DispatchTask task, int count)
    {
        TaskId = task.Id;
        _taskName = task.Name;
        _attempts = task.Attempt;
        Count = count;
    }

    /// <summary>The id of the task.</summary>
    public long TaskId { get; }

    /// <summary>How many records were dropped.</summary>
    public int Count { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Format(
        CultureInfo.InvariantCulture,
        Count == 1
            ? "Task {0} '{1}' was tried {2} times. 1 record of a failed attempt was dropped: only the last attempt leaves its output."
            : "Task {0} '{1}' was tried {2} times. {3} records of failed attempts were dropped: only the last attempt leaves its output.",
        TaskId,
        _taskName,
        _attempts,
        Count);
}
