using System;

namespace Dispatching.PowerShell;

/// <summary>The tasks of one call of a cmdlet, and what becomes of what they write. Disposed of early, it stops them.</summary>
internal interface ITaskRun : IDisposable
{
    /// <summary>An item has come that makes no task yet: writes what there is meanwhile.</summary>
    void Pump();

    /// <summary>Sends a task. Writes an error where the dispatcher does not accept it.</summary>
    void Add(DispatchTask task);

    /// <summary>There are no more tasks: the end of the cmdlet's input.</summary>
    void Complete();
}
