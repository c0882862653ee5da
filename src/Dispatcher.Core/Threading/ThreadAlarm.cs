using System;
using System.Threading;

namespace Dispatching;

/// <summary>
/// An alarm with a thread of its own, which lives only while the alarm is set. A thread-pool timer would be late just
/// when it matters: when tasks have taken every thread of the pool.
/// </summary>
internal sealed class ThreadAlarm : Alarm
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    // How long after a start, or a ring, that has failed for want of memory the next try comes.
    private static readonly TimeSpan s_retryWait = TimeSpan.FromMilliseconds(100);

    private readonly object _lock = new();
    private readonly Clock _clock;
    private readonly Action _ring;
    private long _due = Clock.Never;
    private bool _threadLives;
    private volatile bool _needsThread;
#pragma warning disable RS0030 // Late is better than never: it is used only while no thread can be started.
    private Timer? _retry;
#pragma warning restore RS0030

    internal ThreadAlarm(Clock clock, Action ring)
    {
        _clock = clock;
        _ring = ring;
    }

    public override void Set(long timestamp)
    {
        Prepare(timestamp);
        Start();
    }

    internal override void Prepare(long timestamp)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _due = timestamp;
            if (_threadLives)
            {
                Monitor.Pulse(_lock);
            }

            _needsThread = !_threadLives && timestamp != Clock.Never;
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    internal override void Start()
    {
        if (_needsThread && TryReserveStart() && !BackgroundThread.TryStart("Dispatcher alarm", Wait, BackgroundThread.SmallStack))
        {
            // The setting stands. The next one tries again, and so does the timer.
            InterruptSafe.Enter(_lock);
            _threadLives = false;
            _needsThread = _due != Clock.Never;
            Monitor.Exit(_lock);
            StartLater();
        }
    }

    private bool TryReserveStart()
    {
        InterruptSafe.Enter(_lock);
        try
        {
            bool isReserved = _needsThread;
            _needsThread = false;
            _threadLives |= isReserved;
            return isReserved;
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    private void StartLater()
    {
        try
        {
#pragma warning disable RS0030 // See above.
            Interlocked.CompareExchange(ref _retry, new Timer(_ => Start(), state: null, Timeout.Infinite, Timeout.Infinite), null);
            _retry?.Change(s_retryWait, Timeout.InfiniteTimeSpan);
#pragma warning restore RS0030
        }
        catch (OutOfMemoryException)
        {
            // The next setting tries again.
        }
    }

    private void Wait()
    {
        while (TryWaitUntilDue())
        {
            try
            {
                _ring();
            }
            catch (Exception)
            {
                // No memory, most likely. What was due still is.
                InterruptSafe.Enter(_lock);
                _due = Math.Min(_due, Clock.Add(_clock.GetTimestamp(), s_retryWait));
                Monitor.Exit(_lock);
            }
        }
    }

    private bool TryWaitUntilDue()
    {
        lock (_lock)
        {
            while (true)
            {
                if (_due == Clock.Never)
                {
                    _threadLives = false;
                    return false;
                }

                long left = _due - _clock.GetTimestamp();
                if (left <= 0)
                {
                    _due = Clock.Never;
                    return true;
                }

                // Whole milliseconds, upwards: waking too early would only mean another wait.
                long wait = Math.Min(left, s_longestWait.Ticks) + TimeSpan.TicksPerMillisecond - 1;
                Monitor.Wait(_lock, TimeSpan.FromMilliseconds(wait / TimeSpan.TicksPerMillisecond));
            }
        }
    }
}
