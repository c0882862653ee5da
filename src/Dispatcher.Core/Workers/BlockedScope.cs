using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A wait inside a task, until it is disposed of. Where the task waits for its own dispatcher, which may need the very
/// worker that waits, the dispatcher may have one worker more meanwhile. That is so as well where the wait is part of a
/// circle: where those it waits for wait, through whatever others, for this dispatcher. Any other wait holds its place.
/// Safe to use from any thread; its lock is taken outside of the dispatchers' own.
/// </summary>
internal sealed class BlockedScope : IDisposable
{
    private static readonly object s_lock = new();
    private static readonly HashSet<BlockedScope> s_open = [];

    private readonly Worker _worker;
    private readonly Dispatcher[] _awaited;
    private readonly List<Dispatcher> _changed = new(1);
    private bool _isBlocked;

    private BlockedScope(Worker worker, Dispatcher[] awaited)
    {
        _worker = worker;
        _awaited = awaited;
    }

    /// <summary>Called before a wait for a dispatcher. Outside of tasks there is no place to give up.</summary>
    internal static BlockedScope? For(Dispatcher dispatcher) => Worker.Current is { } worker ? Open(worker, [dispatcher]) : null;

    /// <summary>Called before a wait for tasks. One that nobody has sent yet may come to this very dispatcher.</summary>
    internal static BlockedScope? For(IEnumerable<DispatchTask> tasks) => Worker.Current is { } worker
        ? Open(worker, [.. tasks.Where(task => !task.IsEnded).Select(task => task.Dispatcher ?? worker.Dispatcher).Distinct()])
        : null;

    /// <inheritdoc/>
    public void Dispose() => Change(isOpen: false);

    private static BlockedScope Open(Worker worker, Dispatcher[] awaited)
    {
        var scope = new BlockedScope(worker, awaited);
        scope.Change(isOpen: true);
        return scope;
    }

    private void Change(bool isOpen)
    {
        InterruptSafe.Enter(s_lock);
        try
        {
            _ = isOpen ? s_open.Add(this) : s_open.Remove(this);
            _changed.Clear();
            Settle(isOpen, _changed);
            if (Array.Exists(_awaited, other => !ReferenceEquals(other, _worker.Dispatcher)))
            {
                foreach (BlockedScope scope in s_open)
                {
                    scope.Settle(isOpen: true, _changed);
                }
            }
        }
        finally
        {
            Monitor.Exit(s_lock);
        }

        // No thread is started under a lock.
        foreach (Dispatcher dispatcher in _changed)
        {
            dispatcher.StartThreads();
        }
    }

    private void Settle(bool isOpen, List<Dispatcher> changed)
    {
        bool isBlocked = isOpen && _worker.IsInPool && WaitsForItself();
        if (isBlocked == _isBlocked)
        {
            return;
        }

        _isBlocked = isBlocked;
        if (isBlocked)
        {
            _worker.Dispatcher.BlockWorker(_worker);
        }
        else
        {
            _worker.Dispatcher.UnblockWorker(_worker);
        }

        changed.Add(_worker.Dispatcher);
    }

    private bool WaitsForItself()
    {
        var seen = new HashSet<Dispatcher>(_awaited);
        var left = new Queue<Dispatcher>(_awaited);
        while (left.Count > 0)
        {
            Dispatcher next = left.Dequeue();
            if (ReferenceEquals(next, _worker.Dispatcher))
            {
                return true;
            }

            // A worker that was given up holds nobody up: there is another in its place.
            foreach (BlockedScope other in s_open.Where(other => ReferenceEquals(other._worker.Dispatcher, next) && other._worker.IsInPool))
            {
                Array.ForEach(Array.FindAll(other._awaited, seen.Add), left.Enqueue);
            }
        }

        return false;
    }
}
