using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// The workers of a scheduler and their number. Growing and shrinking touches starting and idle workers only. The
/// scheduler's lock guards it; the threads of new workers are started once that is left.
/// </summary>
internal sealed class WorkerPool
{
    // What one step adds at most. The scheduler goes on once they have been started.
    private const int LargestStep = 256;

    private readonly object _lock;
    private readonly ITaskOwner _owner;
    private readonly IWorkerScheduler _scheduler;
    private readonly HashSet<Worker> _workers = [];

    // The newest idle one works next, so that its caches stay warm and the others can be let go.
    private readonly List<Worker> _idle = [];
    private readonly List<Worker> _exiting = [];
    private readonly List<Worker> _scratch = [];
    private readonly Queue<Worker> _unstarted = new();
    private volatile bool _hasUnstarted;
    private int _starting;
    private int _called;

    internal WorkerPool(ITaskOwner owner, IWorkerScheduler scheduler, object schedulerLock, int min, int max)
    {
        _owner = owner;
        _scheduler = scheduler;
        _lock = schedulerLock;
        Min = min;
        Max = max;
    }

    internal int Min { get; set; }

    internal int Max { get; set; }

    /// <summary>How many waits of tasks are blocked on this scheduler itself, each of which lets it have one worker more.</summary>
    internal int Blocked { get; private set; }

    /// <summary>How many workers there may be now.</summary>
    internal int Limit => Max > int.MaxValue - Blocked ? int.MaxValue : Max + Blocked;

    /// <summary>Whether a worker could not be made or started, so that there is no point in trying again for the moment.</summary>
    internal bool IsHeldBack { get; set; }

    /// <summary>How many of the workers that left the pool in order have yet to end their thread.</summary>
    internal int Exiting => _exiting.Count;

    internal int Count => _workers.Count;

    /// <summary>The number of the worker that came last.</summary>
    internal int LastNumber { get; private set; }

    /// <summary>How many have nothing to do. One that was woken counts until it has come for its task.</summary>
    internal int IdleCount => _idle.Count + _called;

    internal bool IsOverfull => Count > Limit;

    /// <summary>Whether somebody is idle, or on the way, who can take a task that is ready.</summary>
    internal bool HasFree => IdleCount > 0 || _starting > 0;

    /// <summary>Whether there are workers to be started. Needs no lock.</summary>
    internal bool HasUnstarted => _hasUnstarted;

    /// <summary>When the next of those is due that are to end their thread.</summary>
    internal long NextExit
    {
        get
        {
            long next = Clock.Never;
            foreach (Worker worker in _exiting)
            {
                next = Math.Min(next, worker.ExitDeadline);
            }

            return next;
        }
    }

    /// <summary>Wakes the newest idle worker, unless one was woken that is yet to come.</summary>
    internal void CallIdle()
    {
        AssertLocked();
        if (_called > 0 || _idle.Count == 0)
        {
            return;
        }

        Worker worker = _idle[_idle.Count - 1];
        _idle.RemoveAt(_idle.Count - 1);
        worker.IsIdle = false;
        worker.IsCalled = true;
        _called++;
        worker.Wake();
    }

    internal void AddIdle(Worker worker)
    {
        AssertLocked();
        worker.IsIdle = true;
        _idle.Add(worker);
    }

    internal void Arrived(Worker worker)
    {
        AssertLocked();
        if (worker.IsStarting)
        {
            worker.IsStarting = false;
            _starting--;
        }

        if (worker.IsCalled)
        {
            worker.IsCalled = false;
            _called--;
        }

        if (worker.IsIdle)
        {
            // It comes of itself, out of a host that was closed.
            worker.IsIdle = false;
            _idle.Remove(worker);
        }
    }

    internal void Block(Worker worker)
    {
        AssertLocked();
        if (worker.IsInPool)
        {
            worker.BlockedCount++;
            Blocked++;
        }
    }

    internal void Unblock(Worker worker)
    {
        AssertLocked();
        // One that was abandoned holds no place any more.
        if (worker.BlockedCount > 0)
        {
            worker.BlockedCount--;
            Blocked--;
        }
    }

    /// <summary>
    /// So many tasks wait. If that is more than there are idle workers, doubles the pool, up to its maximum. Workers on
    /// their way count as idle ones, or a burst of tasks would double it over and over before the first of them is there.
    /// </summary>
    internal void GrowOnMiss(int waiting)
    {
        if (waiting > _starting + IdleCount)
        {
            GrowTo(Count > int.MaxValue / 2 ? int.MaxValue : Math.Max(1, Count * 2));
        }
    }

    internal void GrowTo(int count)
    {
        AssertLocked();
        int target = Math.Min(count, Limit);
        for (int left = LargestStep; Count < target && left > 0 && (!IsHeldBack || Count == 0); left--)
        {
            if (!TryAdd())
            {
                IsHeldBack = true;
                return;
            }
        }
    }

    /// <summary>Hands out a worker whose thread the caller has to start.</summary>
    internal Worker? TakeUnstarted()
    {
        AssertLocked();
        while (_unstarted.Count > 0)
        {
            Worker worker = _unstarted.Dequeue();
            if (worker.IsInPool)
            {
                worker.IsUnstarted = false;
                return worker;
            }
        }

        _hasUnstarted = false;
        return null;
    }

    /// <summary>A thread could not be started: its worker goes, and those whose turn was to come as well.</summary>
    internal void OnStartFailed(Worker worker)
    {
        AssertLocked();
        IsHeldBack = true;
        Abandon(worker);
        Exited(worker);
        while (TakeUnstarted() is { } other)
        {
            Abandon(other);
        }
    }

    /// <summary>Lets idle workers go, the longest idle first, until so many workers are left or none is idle.</summary>
    internal void ShrinkTo(int count)
    {
        AssertLocked();
        while (Count > count && _idle.Count > 0)
        {
            Worker worker = _idle[0];
            Release(worker);
            worker.Wake();
        }
    }

    /// <summary>Lets go of all workers that are not at work on a task.</summary>
    internal void Clear()
    {
        AssertLocked();
        ShrinkTo(0);
        _scratch.AddRange(_workers);
        foreach (Worker worker in _scratch)
        {
            if (worker.RunningCount == 0)
            {
                Release(worker);
            }
        }

        _scratch.Clear();
        IsHeldBack = false;
    }

    /// <summary>Takes out a worker that will end by itself.</summary>
    internal void Release(Worker worker)
    {
        AssertLocked();
        Abandon(worker);
        if (!worker.IsUnstarted)
        {
            worker.IsExiting = true;
            worker.ExitDeadline = _scheduler.GetExitDeadline();
            _exiting.Add(worker);
        }
    }

    /// <summary>Takes out a worker that may never end.</summary>
    internal void Abandon(Worker worker)
    {
        AssertLocked();
        Arrived(worker);
        worker.IsInPool = false;
        _workers.Remove(worker);
        Blocked -= worker.BlockedCount;
        worker.BlockedCount = 0;
    }

    internal void Exited(Worker worker)
    {
        AssertLocked();
        // One that was abandoned is not waited for, and may be here before the pool has heard of that.
        if (worker.IsExiting)
        {
            worker.IsExiting = false;
            _exiting.Remove(worker);
        }
    }

    /// <summary>Waits no longer for threads that have not ended in time.</summary>
    internal void AbandonExiting(long now)
    {
        AssertLocked();
        for (int i = _exiting.Count - 1; i >= 0; i--)
        {
            if (_exiting[i].ExitDeadline <= now)
            {
                Exited(_exiting[i]);
            }
        }
    }

    [Conditional("DEBUG")]
    private void AssertLocked() => Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");

    private bool TryAdd()
    {
        Worker? worker = null;
        try
        {
            // Whatever becomes of it must find room in the lists.
            Reserve(_idle, _workers.Count + 1);
            Reserve(_exiting, _workers.Count + _exiting.Count + 1);
            Reserve(_scratch, _workers.Count + 1);
            worker = new Worker(_owner, _scheduler, LastNumber + 1);
            _unstarted.Enqueue(worker);
            _hasUnstarted = true;
            _workers.Add(worker);
            LastNumber++;
            _starting++;
            return true;
        }
        catch (OutOfMemoryException)
        {
            if (worker is not null)
            {
                worker.IsInPool = false;
            }

            return false;
        }
    }

    private static void Reserve(List<Worker> list, int capacity)
    {
        if (list.Capacity < capacity)
        {
            list.Capacity = Math.Max(capacity, 2 * list.Capacity);
        }
    }
}
