using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// The workers of a dispatcher and their number. Growing and shrinking touches starting and idle workers only. The
/// dispatcher's gate guards it.
/// </summary>
internal sealed class WorkerPool
{
    private readonly Dispatcher _dispatcher;
    private readonly HashSet<Worker> _workers = [];

    // The newest idle one works next, so that its caches stay warm and the others can be let go.
    private readonly List<Worker> _idle = [];
    private int _starting;
    private int _called;
    private int _lastNumber;

    internal WorkerPool(Dispatcher dispatcher, int min, int max)
    {
        _dispatcher = dispatcher;
        Min = min;
        Max = max;
    }

    internal int Min { get; set; }

    internal int Max { get; set; }

    /// <summary>How many tasks wait for others at the moment, and have lent their worker's place.</summary>
    internal int Lent { get; set; }

    /// <summary>How many of the workers that left the pool in order have yet to end their thread.</summary>
    internal int Exiting { get; private set; }

    internal int Count => _workers.Count;

    /// <summary>The number of the worker that came last.</summary>
    internal int LastNumber => _lastNumber;

    /// <summary>How many have nothing to do. One that was woken counts until it has come for its task.</summary>
    internal int IdleCount => _idle.Count + _called;

    internal bool IsOverfull => Count > Max + Lent;

    internal IEnumerable<Worker> Workers => _workers;

    /// <summary>Wakes the newest idle worker, unless one was woken that is yet to come.</summary>
    internal void CallIdle()
    {
        if (_called > 0 || _idle.Count == 0)
        {
            return;
        }

        Worker worker = _idle[_idle.Count - 1];
        _idle.RemoveAt(_idle.Count - 1);
        worker.IsCalled = true;
        _called++;
        worker.Wake();
    }

    internal void AddIdle(Worker worker) => _idle.Add(worker);

    internal void Arrived(Worker worker)
    {
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
    }

    /// <summary>
    /// So many tasks wait. If that is more than there are idle workers, doubles the pool, up to its maximum. Workers on
    /// their way count as idle ones, or a burst of tasks would double it over and over before the first of them is there.
    /// </summary>
    internal void GrowOnMiss(int waiting)
    {
        if (waiting > _starting + IdleCount)
        {
            GrowTo(Math.Max(1, Count * 2));
        }
    }

    internal void GrowTo(int count)
    {
        int target = Math.Min(count, Max + Lent);
        while (Count < target)
        {
            var worker = new Worker(_dispatcher, ++_lastNumber);
            try
            {
                worker.Start();
            }
            catch (OutOfMemoryException) when (Count > 0)
            {
                // No room for another thread: the ones that are there have to do.
                return;
            }

            _workers.Add(worker);
            _starting++;
        }
    }

    /// <summary>Lets idle workers go, the longest idle first, until so many workers are left or none is idle.</summary>
    internal void ShrinkTo(int count)
    {
        while (Count > count && _idle.Count > 0)
        {
            Worker worker = _idle[0];
            _idle.RemoveAt(0);
            Release(worker);
            worker.Wake();
        }
    }

    /// <summary>Lets go of all workers that are not at work on a task.</summary>
    internal void Clear()
    {
        ShrinkTo(0);
        foreach (Worker worker in new List<Worker>(_workers))
        {
            if (worker.Running is null)
            {
                Release(worker);
            }
        }
    }

    /// <summary>Takes out a worker that will end by itself.</summary>
    internal void Release(Worker worker)
    {
        Abandon(worker);
        worker.IsExiting = true;
        Exiting++;
    }

    /// <summary>Takes out a worker that may never end.</summary>
    internal void Abandon(Worker worker)
    {
        Arrived(worker);
        worker.IsInPool = false;
        _workers.Remove(worker);
    }

    internal void Exited(Worker worker)
    {
        // One that was given up is not waited for, and may be here before the pool has heard of that.
        if (worker.IsExiting)
        {
            Exiting--;
        }
    }
}
