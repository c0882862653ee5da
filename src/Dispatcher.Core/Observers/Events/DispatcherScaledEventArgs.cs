using System;

namespace Dispatching;

/// <summary>The number of a dispatcher's workers has changed. Immutable.</summary>
public sealed class DispatcherScaledEventArgs : EventArgs
{
    internal DispatcherScaledEventArgs(int oldCount, int newCount)
    {
        OldCount = oldCount;
        NewCount = newCount;
    }

    /// <summary>How many workers there were.</summary>
    public int OldCount { get; }

    /// <summary>How many there were then; <see cref="Dispatcher.WorkerCount"/> may be another number by now.</summary>
    public int NewCount { get; }
}
