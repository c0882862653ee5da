using System.Collections.Generic;

namespace Dispatching.PowerShell;

/// <summary>
/// The tasks that a session has, by the ids that its far end knows them by: sent, running, and those whose attempt has ended
/// here while their code still runs there. Safe to use from any thread.
/// </summary>
internal sealed class SessionTasks
{
    private readonly object _lock = new();
    private readonly Dictionary<long, DispatchTask> _sent = [];
    private readonly Dictionary<DispatchTask, long> _sentIds = [];
    private readonly Dictionary<long, TaskContext> _running = [];
    private readonly Dictionary<TaskContext, long> _runningIds = [];
    private readonly HashSet<long> _leftBehind = [];
    private readonly HashSet<long> _recalled = [];
    private long _lastId;
    private bool _isOver;

    /// <summary>How many the far end has.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _sent.Count + _running.Count + _leftBehind.Count;
            }
        }
    }

    /// <summary>Adds a task that is about to be sent.</summary>
    internal long Add(DispatchTask task)
    {
        lock (_lock)
        {
            long id = ++_lastId;
            _sent.Add(id, task);
            _sentIds.Add(task, id);
            return id;
        }
    }

    internal bool TryGetSent(DispatchTask task, out long id)
    {
        lock (_lock)
        {
            return _sentIds.TryGetValue(task, out id);
        }
    }

    /// <summary>Takes out a task that has started there, or was given back.</summary>
    internal DispatchTask? TakeSent(long id)
    {
        lock (_lock)
        {
            if (!_sent.TryGetValue(id, out DispatchTask? task))
            {
                return null;
            }

            _sent.Remove(id);
            _sentIds.Remove(task);
            _recalled.Remove(id);
            return task;
        }
    }

    /// <returns><see langword="false"/> when <see cref="TakeAllRunning"/> has been called already: it is not added.</returns>
    internal bool TryAddRunning(long id, TaskContext attempt)
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _running.Add(id, attempt);
                _runningIds.Add(attempt, id);
            }

            return !_isOver;
        }
    }

    internal TaskContext? GetRunning(long id)
    {
        lock (_lock)
        {
            return _running.TryGetValue(id, out TaskContext? attempt) ? attempt : null;
        }
    }

    internal bool TryGetId(TaskContext attempt, out long id)
    {
        lock (_lock)
        {
            return _runningIds.TryGetValue(attempt, out id);
        }
    }

    /// <summary>The attempt has ended here, and its code there has not. Its worker there is not free until that is known.</summary>
    internal void LeaveBehind(long id)
    {
        lock (_lock)
        {
            TakeRunningLocked(id);
            _leftBehind.Add(id);
        }
    }

    /// <summary>Takes out a task that has ended there.</summary>
    internal TaskContext? TakeEnded(long id)
    {
        lock (_lock)
        {
            _leftBehind.Remove(id);
            return TakeRunningLocked(id);
        }
    }

    /// <summary>The ids of the tasks that are sent, each given once.</summary>
    internal long[] TakeUnrecalled()
    {
        lock (_lock)
        {
            var ids = new List<long>();
            foreach (long id in _sent.Keys)
            {
                if (_recalled.Add(id))
                {
                    ids.Add(id);
                }
            }

            return [.. ids];
        }
    }

    /// <summary>Takes out all that run. None is added any more.</summary>
    internal TaskContext[] TakeAllRunning()
    {
        lock (_lock)
        {
            _isOver = true;
            TaskContext[] running = [.. _running.Values];
            _running.Clear();
            _runningIds.Clear();
            return running;
        }
    }

    private TaskContext? TakeRunningLocked(long id)
    {
        if (!_running.TryGetValue(id, out TaskContext? attempt))
        {
            return null;
        }

        _running.Remove(id);
        _runningIds.Remove(attempt);
        return attempt;
    }
}
