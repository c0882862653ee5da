using System;

namespace Dispatching;

/// <summary>A dispatcher has halted: it has stopped what was pending, and takes no more tasks.</summary>
public sealed class DispatcherHaltedException : InvalidOperationException
{
    internal DispatcherHaltedException(string message)
        : base(message)
    {
    }

    /// <summary>How many tasks had failed or timed out.</summary>
    public long FailedCount { get; internal init; }

    /// <summary>How many pending tasks were stopped.</summary>
    public long StoppedCount { get; internal set; }
}
