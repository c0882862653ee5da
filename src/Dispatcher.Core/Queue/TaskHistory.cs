using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>The last so many ended tasks, oldest first. The dispatcher's gate guards it.</summary>
internal sealed class TaskHistory
{
    private readonly int _size;
    private readonly Queue<DispatchTask> _tasks = new();

    internal TaskHistory(int size) => _size = size;

    internal void Add(DispatchTask task)
    {
        if (_size == 0)
        {
            return;
        }

        if (_tasks.Count == _size)
        {
            _tasks.Dequeue();
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
