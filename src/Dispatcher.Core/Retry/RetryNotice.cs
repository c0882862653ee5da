using System;
using System.Globalization;

namespace Dispatching;

/// <summary>What a task's log says about an attempt after which there will be another. Its text is put together when it is read.</summary>
public sealed class RetryNotice
{
    private readonly string _taskName;

    internal RetryNotice(DispatchTask task, Exception error, TimeSpan delay)
    {
        _taskName = task.Name;
        TaskId = task.Id;
        Attempt = task.Attempt;
        MaxAttempts = (int)Math.Min(int.MaxValue, task.Options.Retries + 1L + task.RequeueCount);
        Delay = delay;
        Exception = error;
    }

    /// <summary>The id of the task.</summary>
    public long TaskId { get; }

    /// <summary>Which attempt ended, from 1.</summary>
    public int Attempt { get; }

    /// <summary>How many attempts the task has.</summary>
    public int MaxAttempts { get; }

    /// <summary>How long the task waits for the next attempt.</summary>
    public TimeSpan Delay { get; }

    /// <summary>What ended the attempt.</summary>
    public Exception Exception { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Format(
        CultureInfo.InvariantCulture,
        "Task {0} '{1}' failed in attempt {2} of {3}, and is tried again in {4:0.###} s: {5}",
        TaskId,
        _taskName,
        Attempt,
        MaxAttempts,
        Delay.TotalSeconds,
        Exception.Message);
}
