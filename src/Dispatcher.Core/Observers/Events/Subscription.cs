using System;

namespace Dispatching;

/// <summary>One handler of an event, which hears what happens while it is there.</summary>
internal sealed class Subscription<TArgs>
    where TArgs : EventArgs
{
    private volatile bool _isRemoved;

    internal Subscription(EventHandler<TArgs> handler) => Handler = handler;

    internal EventHandler<TArgs> Handler { get; }

    /// <summary>Whether it was taken away since; what happened before and was not delivered is not for it any more.</summary>
    internal bool IsRemoved => _isRemoved;

    internal void Remove() => _isRemoved = true;
}
