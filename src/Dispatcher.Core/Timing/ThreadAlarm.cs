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

    private readonly object _gate = new();
    private readonly Clock _clock;
    private readonly Action _ring;
    private long _due = Clock.Never;
    private bool _threadLives;

    internal ThreadAlarm(Clock clock, Action ring)
    {
        _clock = clock;
        _ring = ring;
    }

    public override void Set(long timestamp)
    {
        Uninterrupted.Enter(_gate);
        try
        {
            _due = timestamp;
            if (_threadLives)
            {
                Monitor.Pulse(_gate);
                return;
            }

            if (timestamp == Clock.Never)
            {
                return;
            }

            _threadLives = true;
        }
        finally
        {
            Monitor.Exit(_gate);
        }

        try
        {
            new Thread(Wait, maxStackSize: 256 * 1024) { IsBackground = true, Name = "Dispatcher alarm" }.Start();
        }
        catch (OutOfMemoryException)
        {
            // No room for a thread now; the next setting tries again.
            lock (_gate)
            {
                _threadLives = false;
            }

            throw;
        }
    }

    private void Wait()
    {
        while (TryWaitUntilDue())
        {
            _ring();
        }
    }

    private bool TryWaitUntilDue()
    {
        lock (_gate)
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
                Monitor.Wait(_gate, TimeSpan.FromMilliseconds(wait / TimeSpan.TicksPerMillisecond));
            }
        }
    }
}
