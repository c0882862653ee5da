using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Takes things from threads that must not wait, and delivers them in order on a thread of its own. That thread lives
/// only while there is something to deliver and a moment longer, so that an idle dispatcher has none. Safe to use from
/// any thread; its lock may be taken inside the scheduler's lock, and nothing is called under it.
/// </summary>
internal sealed class BackgroundQueue<T>
{
    // Long enough not to start a thread for each of the things that come one after the other.
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly Queue<T> _waiting = new();
    private readonly Clock _clock;
    private readonly string _threadName;
    private readonly int _batchSize;
    private readonly Action<List<T>> _deliver;
    private readonly Func<IDisposable>? _enterThread;
    private long _posted;
    private long _delivered;
    private long _busySince;
    private bool _threadLives;
    private volatile bool _needsThread;
    private bool _isWaiting;
    private bool _isFlushing;

    /// <param name="clock">Tells for how long a delivery has been under way.</param>
    /// <param name="threadName">The name of the thread.</param>
    /// <param name="batchSize">How many things one delivery has at most.</param>
    /// <param name="deliver">Called for each delivery.</param>
    /// <param name="enterThread">Called at the start of the thread; what it returns is disposed of at its end.</param>
    internal BackgroundQueue(Clock clock, string threadName, int batchSize, Action<List<T>> deliver, Func<IDisposable>? enterThread = null)
    {
        _clock = clock;
        _threadName = threadName;
        _batchSize = batchSize;
        _deliver = deliver;
        _enterThread = enterThread;
    }

    /// <summary>How many wait at most behind a delivery that hangs. Behind one that is only slow, all wait.</summary>
    internal static int MaxBacklog => 10_000;

    /// <summary>How long a single delivery takes that hangs.</summary>
    internal static TimeSpan HangTimeout { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Takes something, and never blocks. <see cref="Start"/> has to follow, once no lock is held.</summary>
    /// <returns>Whether it will be delivered; it will not where a delivery hangs and too much waits behind it.</returns>
    internal bool Post(T item)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            if (_waiting.Count >= MaxBacklog && _clock.GetTimestamp() - _busySince > HangTimeout.Ticks)
            {
                return false;
            }

            if (_waiting.Count == 0)
            {
                // Nothing has waited until now. The thread may have yet to start, and that is no hanging delivery.
                _busySince = _clock.GetTimestamp();
            }

            _waiting.Enqueue(item);
            _posted++;
            if (_isWaiting)
            {
                Monitor.PulseAll(_lock);
            }

            _needsThread = !_threadLives;
            return true;
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    /// <summary>Starts the thread, if there is something to deliver and no thread that does.</summary>
    internal void Start()
    {
        if (_needsThread && TryReserveStart() && !BackgroundThread.TryStart(_threadName, Run))
        {
            // No room for a thread now. What waits goes on its way with the next that comes, or with the next flush.
            InterruptSafe.Enter(_lock);
            _threadLives = false;
            _needsThread = true;
            Monitor.PulseAll(_lock);
            Monitor.Exit(_lock);
        }
    }

    /// <summary>Waits until all that was posted before has been delivered, and nothing is held open for more.</summary>
    /// <returns>Whether that is so.</returns>
    internal bool Flush(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using CancellationTokenRegistration registration = cancellationToken.Register(Wake);
        long start = Stopwatch.GetTimestamp();
        Start();
        lock (_lock)
        {
            long target = _posted;
            _isFlushing = _threadLives;
            Monitor.PulseAll(_lock);
            while (_threadLives && (_delivered < target || _waiting.Count == 0))
            {
                if (cancellationToken.IsCancellationRequested || !MonitorWait.UpTo(_lock, timeout, start))
                {
                    return false;
                }
            }

            return _delivered >= target;
        }
    }

    private bool TryReserveStart()
    {
        InterruptSafe.Enter(_lock);
        try
        {
            bool isReserved = !_threadLives && _waiting.Count > 0;
            _needsThread = false;
            _threadLives |= isReserved;
            return isReserved;
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    private void Run()
    {
        IDisposable? entered = null;
        Guard(() => entered = _enterThread?.Invoke());
        RunUntilIdle();
        Guard(() => entered?.Dispose());
    }

    private void RunUntilIdle()
    {
        var batch = new List<T>();
        do
        {
            while (TryTake(batch))
            {
                Guard(() => _deliver(batch));
            }
        }
        while (!TryEnd());
    }

    private bool TryTake(List<T> batch)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _delivered += batch.Count;
            batch.Clear();
            if (_isFlushing)
            {
                Monitor.PulseAll(_lock);
            }

            while (_waiting.Count == 0)
            {
                if (_isFlushing || !WaitForMore())
                {
                    return false;
                }
            }

            for (int i = Math.Min(_batchSize, _waiting.Count); i > 0; i--)
            {
                batch.Add(_waiting.Dequeue());
            }

            _busySince = _clock.GetTimestamp();
            return true;
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    private bool WaitForMore()
    {
        try
        {
            _isWaiting = true;
            return Monitor.Wait(_lock, s_idleTime);
        }
        catch (ThreadInterruptedException)
        {
            // A handler has interrupted this thread, which is not a reason for it to end.
            return true;
        }
        finally
        {
            _isWaiting = false;
        }
    }

    private bool TryEnd()
    {
        InterruptSafe.Enter(_lock);
        try
        {
            if (_waiting.Count > 0)
            {
                return false;
            }

            _waiting.TrimExcess();
            _threadLives = false;
            _isFlushing = false;
            Monitor.PulseAll(_lock);
            return true;
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    private static void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception)
        {
            // An exception that left the thread would end the process. Whoever delivers has its own say about errors.
        }
    }
}
