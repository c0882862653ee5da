using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// What happens to any number of tasks, for one thread that takes it in as it comes. Tasks may be added by another
/// thread. Inside a task, its scheduler may run another one meanwhile (see <see cref="BlockedScope"/>).
/// </summary>
internal sealed class TaskEventQueue : ITaskListener, IInterruptibleWait, IDisposable
{
    // Woken for each of many small tasks, the thread that takes them in would spend its time on falling asleep and being
    // woken, and take the processor from the workers. While events come faster than one a millisecond, it is woken for so many at once, or after the
    // millisecond: too short a delay to be seen. Events that come singly wake it at once.
    private const int BurstSize = 32;
    private static readonly TimeSpan s_burstWait = TimeSpan.FromMilliseconds(1);
    private static readonly long s_burstGap = Stopwatch.Frequency / 1000;

    private readonly object _lock = new();
    private readonly HashSet<DispatchTask> _open = [];
    private Queue<DispatchTask> _events = new();
    private Queue<DispatchTask> _taken = new();
    private int _eventCount;
    private int _openCount;
    private int _wakeAt;
    private long _lastWait;
    private bool _expectsMore;
    private bool _isInterrupted;
    private bool _hasGap;

    internal TaskEventQueue(bool eachRecord) => WantsEachRecord = eachRecord;

    /// <inheritdoc/>
    public bool WantsEachRecord { get; }

    /// <inheritdoc/>
    public bool IsOver => false;

    /// <summary>How many of the tasks have not ended, as far as their end has been taken in.</summary>
    internal int OpenCount => Volatile.Read(ref _openCount);

    /// <summary>How many events can be taken without a wait.</summary>
    internal int EventCount => _taken.Count + Volatile.Read(ref _eventCount);

    /// <inheritdoc/>
    public bool WasInterrupted { get; private set; }

    /// <inheritdoc/>
    public void Interrupt()
    {
        InterruptSafe.Enter(_lock);
        _isInterrupted = true;
        Monitor.PulseAll(_lock);
        Monitor.Exit(_lock);
    }

    /// <inheritdoc/>
    public void OnRecord(DispatchTask task) => Report(task);

    /// <inheritdoc/>
    public void OnEnded(DispatchTask task) => Report(task);

    /// <summary>The tasks whose end has not been taken in.</summary>
    internal DispatchTask[] GetOpen()
    {
        lock (_open)
        {
            return [.. _open];
        }
    }

    internal void Add(DispatchTask task)
    {
        lock (_open)
        {
            if (!_open.Add(task))
            {
                return;
            }

            Volatile.Write(ref _openCount, _open.Count);
        }

        task.Subscribe(this);
        if (task.HasRecords)
        {
            // What it wrote before is news to whoever begins to follow it now.
            Report(task);
        }
    }

    /// <summary>Whether <see cref="TryTake"/> waits although there is no task: more are to come.</summary>
    internal void ExpectMore(bool value)
    {
        lock (_lock)
        {
            _expectsMore = value;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// Blocks until a task has written something or ended, and names it. Returns <see langword="false"/> when the time is
    /// up, or nothing can happen any more.
    /// </summary>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="task">The task. One that ended is named once more for that, and never again.</param>
    /// <param name="isEnded">Whether it has ended, so that what it has written by now is all.</param>
    internal bool TryTake(TimeSpan timeout, CancellationToken cancellationToken, out DispatchTask? task, out bool isEnded)
    {
        WasInterrupted = false;
        while (_taken.Count > 0 || TryRefill() || (timeout != TimeSpan.Zero && Wait(timeout, cancellationToken)))
        {
            task = _taken.Dequeue();
            isEnded = task.IsEnded;
            if (!isEnded || TryClose(task))
            {
                return true;
            }
        }

        task = null;
        isEnded = false;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DispatchTask task in GetOpen())
        {
            task.Unsubscribe(this);
        }
    }

    private bool TryClose(DispatchTask task)
    {
        lock (_open)
        {
            bool wasOpen = _open.Remove(task);
            Volatile.Write(ref _openCount, _open.Count);
            return wasOpen;
        }
    }

    private void Report(DispatchTask task)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _events.Enqueue(task);
        }
        catch (OutOfMemoryException)
        {
            // Whoever takes events in checks every task instead.
            _hasGap = true;
        }

        Volatile.Write(ref _eventCount, Math.Max(1, _events.Count));
        if (_wakeAt > 0 && (_events.Count >= _wakeAt || _hasGap))
        {
            _wakeAt = 0;
            Monitor.PulseAll(_lock);
        }

        Monitor.Exit(_lock);
    }

    private bool TryRefill()
    {
        if (Volatile.Read(ref _eventCount) == 0)
        {
            return false;
        }

        lock (_lock)
        {
            return TrySwap();
        }
    }

    private bool TrySwap()
    {
        if (_hasGap)
        {
            Array.ForEach(GetOpen(), _events.Enqueue);
            _hasGap = false;
        }

        if (_events.Count == 0)
        {
            Volatile.Write(ref _eventCount, 0);
            return false;
        }

        (_taken, _events) = (_events, _taken);
        Volatile.Write(ref _eventCount, 0);
        return true;
    }

    private bool Wait(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using IDisposable? blocked = TaskRunner.Current is null ? null : BlockedScope.For(GetOpen());
        using CancellationTokenRegistration registration = cancellationToken.Register(Wake);
        long start = Stopwatch.GetTimestamp();
        bool isBurst = start - _lastWait < s_burstGap && OpenCount > 2 * BurstSize && (timeout < TimeSpan.Zero || timeout > s_burstWait);
        lock (_lock)
        {
            if (isBurst && _events.Count < BurstSize)
            {
                _wakeAt = BurstSize;
                _ = Monitor.Wait(_lock, s_burstWait);
            }

            while (!TrySwap())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (OpenCount == 0 && !_expectsMore)
                {
                    return false;
                }

                _wakeAt = 1;
                WasInterrupted = _isInterrupted;
                _isInterrupted = false;
                if (WasInterrupted || !MonitorWait.UpTo(_lock, timeout, start))
                {
                    return false;
                }
            }

            _wakeAt = 0;
        }

        _lastWait = Stopwatch.GetTimestamp();
        return true;
    }

    private void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }
}
