using System;
using System.Threading;

namespace Dispatching;

/// <summary>Settings of a task. Immutable, so that all tasks of one call can share an instance.</summary>
public sealed class TaskOptions
{
    private readonly TimeSpan? _timeout;
    private readonly int _retries;
    private string? _name;
    private readonly TimeSpan _retryDelay;

    /// <summary>How long an attempt may run where neither its task nor its dispatcher says.</summary>
    internal static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The settings of a task that sets none.</summary>
    public static TaskOptions Default { get; } = new();

    /// <summary>A name for people; where <see langword="null"/> (the default), "Task" and the task's id.</summary>
    public string? Name
    {
        get => _name;
        init => _name = value;
    }

    /// <summary>
    /// How long each attempt may run: more than zero, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit. Where
    /// <see langword="null"/> (the default), the dispatcher's <see cref="Dispatcher.TaskTimeout"/> at the start holds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, or negative and not infinite.</exception>
    public TimeSpan? Timeout
    {
        get => _timeout;
        init => _timeout = value is { } timeout ? Require.Timeout(timeout, nameof(Timeout)) : null;
    }

    /// <summary>How many more attempts a task has that fails or times out; 0 or more, 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int Retries
    {
        get => _retries;
        init => _retries = Require.AtLeast(value, 0, nameof(Retries));
    }

    /// <summary>
    /// How long to wait before the next attempt: zero (the default) or more. The waiting task is
    /// <see cref="TaskState.Pending"/>, holds no worker, and holds up a drain.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan RetryDelay
    {
        get => _retryDelay;
        init => _retryDelay = Require.Duration(value, nameof(RetryDelay));
    }

    /// <summary>The same settings under another name.</summary>
    internal TaskOptions WithName(string name)
    {
        var copy = (TaskOptions)MemberwiseClone();
        copy._name = name;
        return copy;
    }
}
