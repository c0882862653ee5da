using System;

namespace Dispatching;

/// <summary>
/// The handlers of an event. the scheduler's lock guards it; the array it gives out never changes, so that what happens
/// can be kept with those who were to hear of it.
/// </summary>
internal sealed class HandlerList<TArgs>
    where TArgs : EventArgs
{
    internal Subscription<TArgs>[] Current { get; private set; } = [];

    internal bool Any => Current.Length > 0;

    internal void Add(EventHandler<TArgs>? handlers)
    {
        foreach (Delegate handler in handlers?.GetInvocationList() ?? [])
        {
            // One by one, so that one that throws does not keep the next of a combined delegate from being called.
            Current = [.. Current, new Subscription<TArgs>((EventHandler<TArgs>)handler)];
        }
    }

    internal void Remove(EventHandler<TArgs>? handlers)
    {
        foreach (Delegate handler in handlers?.GetInvocationList() ?? [])
        {
            if (Array.FindLast(Current, one => one.Handler.Equals(handler)) is { } found)
            {
                found.Remove();
                Current = Array.FindAll(Current, one => !ReferenceEquals(one, found));
            }
        }
    }
}
