namespace Dispatching;

/// <summary>The tasks that were accepted beyond the bound of the ready queue: they move there last in, first out.</summary>
internal sealed class OverflowStack : TaskList
{
    internal DispatchTask? TakeNext() => TakeLast();
}
