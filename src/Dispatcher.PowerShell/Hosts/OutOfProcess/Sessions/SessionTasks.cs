using System;
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
    private readonly HashSet<DispatchTask> _recalledEarly = [];
    private int _startingCount;
    private long _lastId;
    private bool _isOver;

    /// <summary>How many the far end has.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return CountLocked();
            }
        }
    }

    /// <summary>Tasks are about to be claimed.</summary>
    internal void BeginClaim()
    {
        lock (_lock)
        {
            _recalledEarly.Clear();
        }
    }

    /// <summary>Adds a task that is about to be sent.</summary>
    /// <returns>Its id; <see langword="null"/> when it has been recalled since it was claimed, and is not to be sent.</returns>
    internal long? Add(DispatchTask task)
    {
        lock (_lock)
        {
            if (_recalledEarly.Remove(task))
            {
                return null;
            }

            long id = ++_lastId;
            _sent.Add(id, task);
            _sentIds.Add(task, id);
            return id;
        }
    }

    /// <summary>Finds a task that is to be recalled. One that is claimed and not yet sent will not be.</summary>
    internal long? FindForRecall(DispatchTask task)
    {
        lock (_lock)
        {
            if (_sentIds.TryGetValue(task, out long id))
            {
                return id;
            }

            _recalledEarly.Add(task);
            return null;
        }
    }

    /// <summary>Takes out a task that has started there. It counts, until <see cref="EndStart"/>.</summary>
    internal DispatchTask? BeginStart(long id)
    {
        lock (_lock)
        {
            DispatchTask? task = TakeSent(id);
            _startingCount += task is null ? 0 : 1;
            return task;
        }
    }

    /// <summary>The start of one is over: what became of it was noted.</summary>
    internal void EndStart()
    {
        lock (_lock)
        {
            _startingCount--;
        }
    }

    /// <summary>Takes out a task that was given back, or is not to be sent.</summary>
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

    /// <summary>Those that were sent first, as many as workers there had no task that is known.</summary>
    /// <param name="lanes">How many workers there are.</param>
    internal DispatchTask[] GetOldestSent(int lanes)
    {
        lock (_lock)
        {
            long[] ids = [.. _sent.Keys];
            Array.Sort(ids);
            var oldest = new DispatchTask[Math.Max(0, Math.Min(ids.Length, lanes - _running.Count - _leftBehind.Count))];
            for (int i = 0; i < oldest.Length; i++)
            {
                oldest[i] = _sent[ids[i]];
            }

            return oldest;
        }
    }

    /// <summary>Adds an attempt that is about to be sent.</summary>
    /// <returns>Its id.</returns>
    internal long AddRunning(TaskContext attempt)
    {
        lock (_lock)
        {
            long id = ++_lastId;
            _running.Add(id, attempt);
            _runningIds.Add(attempt, id);
            return id;
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
    /// <param name="id">Its id.</param>
    /// <param name="left">How many the far end has now.</param>
    internal TaskContext? TakeEnded(long id, out int left)
    {
        lock (_lock)
        {
            _leftBehind.Remove(id);
            TaskContext? attempt = TakeRunningLocked(id);
            left = CountLocked();
            return attempt;
        }
    }

    /// <summary>The one that runs, where no more than one does; <see langword="null"/> when none does.</summary>
    internal TaskContext? GetAnyRunning()
    {
        lock (_lock)
        {
            foreach (TaskContext attempt in _running.Values)
            {
                return attempt;
            }

            return null;
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

    private int CountLocked() => _sent.Count + _startingCount + _running.Count + _leftBehind.Count;

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
