namespace Dispatching;

/// <summary>The tasks that may start now, in the order they start in: first in, first out.</summary>
internal sealed class ReadyQueue : TaskList
{
    internal DispatchTask? TakeNext() => TakeFirst();
}
