using System;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>One task in a worker process, from when it is sent until its end is known.</summary>
internal sealed class ProcessCall
{
    private readonly TaskContext? _context;
    private readonly object _lock = new();
    private volatile bool _hasEnded;

    /// <param name="id">Its id in that process.</param>
    /// <param name="context">The attempt; <see langword="null"/> for the set-up of the worker there.</param>
    internal ProcessCall(long id, TaskContext? context)
    {
        Id = id;
        _context = context;
    }

    internal long Id { get; }

    internal bool IsSetup => _context is null;

    /// <summary>Whether the process may have begun with it: what it says of that can be lost with it.</summary>
    internal bool IsSent { get; set; }

    internal WireEnd? End { get; private set; }

    internal Exception? Error { get; private set; }

    /// <summary>How the process ended, if it did so first.</summary>
    internal string? LostReason { get; private set; }

    internal void Write(RecordKind kind, object? value)
    {
        if (!_hasEnded)
        {
            _context?.Write(kind, value);
        }
    }

    internal void SetEnded(WireEnd? end, Exception? error) => Set(() =>
    {
        End = end;
        Error = error;
    });

    internal void SetLost(string reason) => Set(() => LostReason = reason);

    /// <summary>Waits for the end, on the thread of the worker.</summary>
    /// <exception cref="ThreadInterruptedException">The task was abandoned.</exception>
    internal void Wait()
    {
        lock (_lock)
        {
            while (!_hasEnded)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    private void Set(Action set)
    {
        lock (_lock)
        {
            if (!_hasEnded)
            {
                set();
                _hasEnded = true;
                Monitor.PulseAll(_lock);
            }
        }
    }
}
