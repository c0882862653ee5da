using System.Collections.Generic;
using System.Threading;

namespace Dispatching;

/// <content>What those are told who wait for tasks.</content>
public sealed partial class Dispatcher
{
    private readonly List<IInterruptibleWait> _waits = [];

    /// <summary>What its tasks have written and nobody has received.</summary>
    internal UnreceivedOutput Unreceived { get; } = new();

    /// <summary>How many ended tasks it remembers.</summary>
    internal int HistorySize => _history.Size;

    /// <summary>Interrupts a wait from now on when the status changes, or a task has written very much.</summary>
    internal void AddWait(IInterruptibleWait wait)
    {
        lock (_lock)
        {
            _waits.Add(wait);
        }
    }

    internal void RemoveWait(IInterruptibleWait wait)
    {
        lock (_lock)
        {
            _waits.Remove(wait);
        }
    }

    internal void OnLargeOutput(DispatchTask task)
    {
        Unreceived.NoteLarge(task);
        InterruptSafe.Enter(_lock);
        try
        {
            InterruptWaits();
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    private void InterruptWaits() => _waits.ForEach(wait => wait.Interrupt());
}
