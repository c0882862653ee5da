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

        _tasks.Enqueue(task);
    }

    internal void CopyTo(List<DispatchTask> target) => target.AddRange(_tasks);
}
