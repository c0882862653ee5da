using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>The last so many ended tasks, oldest first. The scheduler's lock guards it.</summary>
internal sealed class TaskHistory
{
    private readonly UnreceivedOutput _unreceived;
    private readonly Queue<DispatchTask> _tasks = new();

    internal TaskHistory(int size, UnreceivedOutput unreceived)
    {
        Size = size;
        _unreceived = unreceived;
    }

    /// <summary>How many it holds at most.</summary>
    internal int Size { get; }

    internal void Add(DispatchTask task)
    {
        if (Size == 0)
        {
            _unreceived.NoteForgotten(task);
            return;
        }

        if (_tasks.Count == Size)
        {
            _unreceived.NoteForgotten(_tasks.Dequeue());
        }

        try
        {
            _tasks.Enqueue(task);
        }
        catch (OutOfMemoryException) when (_tasks.Count > 0)
        {
            // No room to grow: the oldest makes room.
            _tasks.Dequeue();
            _tasks.Enqueue(task);
        }
        catch (OutOfMemoryException)
        {
            // No room for any.
        }
    }

    internal void CopyTo(List<DispatchTask> target) => target.AddRange(_tasks);
}
