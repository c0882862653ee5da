using System;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>One task in a worker process, from when it is sent until its end is known.</summary>
internal sealed class ProcessCall
{
    private readonly TaskContext? _context;
    private readonly object _lock = new();
    private volatile bool _isClosed;
    private bool _isOver;

    /// <param name="id">Its id in that process.</param>
    /// <param name="context">The attempt; <see langword="null"/> for the set-up of the worker there.</param>
    internal ProcessCall(long id, TaskContext? context)
    {
        Id = id;
        _context = context;
    }

    internal long Id { get; }

    internal bool IsSetup => _context is null;

    /// <summary>Whether the process has said that it begins with it.</summary>
    internal bool HasStarted { get; set; }

    internal WireEnd? End { get; private set; }

    internal Exception? Error { get; private set; }

    /// <summary>How the process ended, if it did so first.</summary>
    internal string? LostReason { get; private set; }

    internal void Write(RecordKind kind, object? value)
    {
        if (!_isClosed)
        {
            _context?.Write(kind, value);
        }
    }

    /// <summary>The task has ended, if only after <see cref="SetLost"/>: its end was on the way then.</summary>
    internal void SetEnded(WireEnd? end, Exception? error)
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                LostReason = null;
                End = end;
                Error = error;
                SetOver();
            }
        }
    }

    /// <summary>The process has ended. What it had written before may still come.</summary>
    internal void SetLost(string reason)
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                LostReason = reason;
                SetOver();
            }
        }
    }

    /// <summary>Takes nothing more.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
        }
    }

    /// <summary>Waits for the end, on the thread of the worker.</summary>
    /// <exception cref="ThreadInterruptedException">The task was abandoned.</exception>
    internal void Wait()
    {
        lock (_lock)
        {
            while (!_isOver)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    private void SetOver()
    {
        _isOver = true;
        Monitor.PulseAll(_lock);
    }
}
