using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace Dispatching;

/// <summary>Settings of a task. Immutable, so that all tasks of one call can share an instance.</summary>
public sealed class TaskOptions
{
    private readonly TimeSpan? _timeout;
    private readonly int _retries;
    private string? _name;
    private readonly TimeSpan _retryDelay;
    private readonly TimeSpan? _retryMaxDelay;
    private readonly TimeSpan _delay;
    private readonly DateTimeOffset? _notBefore;
    private readonly IReadOnlyList<DispatchTask> _dependsOn = [];
    private string? _group;
    private string? _key;

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

    /// <summary>How the waits between attempts grow; <see cref="RetryBackoff.Constant"/> by default.</summary>
    public RetryBackoff RetryBackoff { get; init; }

    /// <summary>The longest wait between two attempts: zero or more; <see langword="null"/> (the default) for no bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan? RetryMaxDelay
    {
        get => _retryMaxDelay;
        init => _retryMaxDelay = value is { } delay ? Require.Duration(delay, nameof(RetryMaxDelay)) : null;
    }

    /// <summary>Whether each wait is drawn from 50 to 100 % of what it would be, so that tasks that failed together do not come back together.</summary>
    public bool RetryJitter { get; init; }

    /// <summary>Which errors are worth another attempt; <see langword="null"/> (the default) for all, timeouts included.</summary>
    public IRetryRule? RetryRule { get; init; }

    /// <summary>Which pending task starts first: the one with the higher number, and of equals the one that was sent first; 0 by default.</summary>
    public int Priority { get; init; }

    /// <summary>How long to wait before the first attempt, from when the task is sent: zero (the default) or more. It holds up a drain.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan Delay
    {
        get => _delay;
        init
        {
            _delay = Require.Duration(value, nameof(Delay));
            HasConditions |= value > TimeSpan.Zero;
        }
    }

    /// <summary>When the first attempt may start, by the clock of the machine as it is when the task is sent; <see langword="null"/> (the default) for at once.</summary>
    public DateTimeOffset? NotBefore
    {
        get => _notBefore;
        init
        {
            _notBefore = value;
            HasConditions |= value is not null;
        }
    }

    /// <summary>The tasks that have to end first, of whatever dispatcher of this process; none by default. Their final state counts, after all retries.</summary>
    /// <exception cref="ArgumentException">An element is <see langword="null"/>.</exception>
    public IReadOnlyList<DispatchTask> DependsOn
    {
        get => _dependsOn;
        init
        {
            // A copy: it may not change any more.
            _dependsOn = [.. Require.NotNull(value, nameof(DependsOn))];
            if (_dependsOn.Contains(null!))
            {
                throw new ArgumentException("DependsOn has an element that is null.", nameof(DependsOn));
            }

            HasConditions |= _dependsOn.Count > 0;
        }
    }

    /// <summary>Whether those of <see cref="DependsOn"/> have to complete, or to end in whatever way; <see cref="DependencyMode.Completed"/> by default.</summary>
    public DependencyMode DependencyMode { get; init; }

    /// <summary>The group that the task belongs to, for <see cref="DispatcherOptions.GroupLimit"/>; <see langword="null"/> (the default) for none.</summary>
    public string? Group
    {
        get => _group;
        init
        {
            _group = value;
            HasConditions |= value is not null;
        }
    }

    /// <summary>
    /// Who the task is in the journal of its dispatcher (<see cref="DispatcherOptions.JournalPath"/>): any text, the same in
    /// each run; <see langword="null"/> (the default) for a task that the journal leaves out.
    /// </summary>
    public string? Key
    {
        get => _key;
        init
        {
            _key = value;
            HasConditions |= value is not null;
        }
    }

    /// <summary>The host that is to run the task, upper and lower case being the same; <see langword="null"/> (the default) for any. No worker of this process takes a task that has one.</summary>
    public string? HostName { get; init; }

    /// <summary>Whether anything but the queue decides when a task may start.</summary>
    internal bool HasConditions { get; private set; }

    /// <summary>The same settings with another name, group, key, or several of these; <see langword="null"/> keeps what is there.</summary>
    internal TaskOptions With(string? name, string? group, string? key)
    {
        var copy = (TaskOptions)MemberwiseClone();
        copy._name = name ?? copy._name;
        copy._group = group ?? copy._group;
        copy._key = key ?? copy._key;
        copy.HasConditions |= copy._group is not null || copy._key is not null;
        return copy;
    }
}
