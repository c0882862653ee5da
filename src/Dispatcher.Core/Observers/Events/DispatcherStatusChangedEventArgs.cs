using System;

namespace Dispatching;

/// <summary>A dispatcher has gone from one status to another. Immutable.</summary>
public sealed class DispatcherStatusChangedEventArgs : EventArgs
{
    internal DispatcherStatusChangedEventArgs(DispatcherStatus oldStatus, DispatcherStatus newStatus)
    {
        OldStatus = oldStatus;
        NewStatus = newStatus;
    }

    /// <summary>The status before.</summary>
    public DispatcherStatus OldStatus { get; }

    /// <summary>The status after; <see cref="Dispatcher.Status"/> may be another one by now.</summary>
    public DispatcherStatus NewStatus { get; }
}
