using System;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Gives the memory of an agent back to its machine once it has had nothing to do for a moment: a session may be kept open for
/// long, and the runtime keeps what a burst of tasks took. Safe to use from any thread.
/// </summary>
internal sealed class AgentMemory : IDisposable
{
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(1);

    private readonly Func<bool> _isIdle;
    private readonly Alarm _alarm;
    private readonly object _lock = new();
    private volatile bool _isTouched;
    private volatile bool _isArmed;
    private bool _isDisposed;

    /// <param name="isIdle">Whether there is nothing to do.</param>
    internal AgentMemory(Func<bool> isIdle)
    {
        _isIdle = isIdle;
        _alarm = Clock.System.CreateAlarm(Ring);
    }

    /// <summary>There was something to do.</summary>
    internal void Touch()
    {
        _isTouched = true;
        Interlocked.MemoryBarrier(); // One of the two has to see the other.
        if (!_isArmed)
        {
            Arm();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _alarm.Set(Clock.Never);
        }
    }

    private void Arm()
    {
        lock (_lock)
        {
            if (!_isArmed && !_isDisposed)
            {
                _isArmed = true;
                _alarm.Set(Clock.Add(Clock.System.GetTimestamp(), s_moment));
            }
        }
    }

    private void Ring()
    {
        _isArmed = false;
        Interlocked.MemoryBarrier();
        if (_isTouched)
        {
            _isTouched = false;
            Arm();
        }
        else if (_isIdle())
        {
            Collect();
        }
    }

    private static void Collect()
    {
#if NET
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
#else
        GC.Collect();
#endif
    }
}
