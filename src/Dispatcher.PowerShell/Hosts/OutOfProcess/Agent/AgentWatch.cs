using System;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Calls back once when nothing has been heard for three ping intervals. Safe to use from any thread.</summary>
internal sealed class AgentWatch : IDisposable
{
    private readonly Clock _clock;
    private readonly Action _onDeadline;
    private readonly TimeSpan _limit;
    private readonly Alarm _alarm;
    private long _lastHeard;
    private int _isOver;

    /// <param name="clock">Tells the time.</param>
    /// <param name="pingInterval">How often something should be heard; infinite for no deadline.</param>
    /// <param name="onDeadline">Called on the thread of the alarm; must not block.</param>
    internal AgentWatch(Clock clock, TimeSpan pingInterval, Action onDeadline)
    {
        _clock = clock;
        _onDeadline = onDeadline;
        _limit = pingInterval < TimeSpan.Zero ? pingInterval : TimeSpan.FromTicks(pingInterval.Ticks * 3);
        _alarm = clock.CreateAlarm(Ring);
        Touch();
        _alarm.Set(Clock.Add(_lastHeard, _limit));
    }

    /// <summary>Something was heard. The alarm looks when it rings, so that a message does not wake its thread.</summary>
    internal void Touch() => Volatile.Write(ref _lastHeard, _clock.GetTimestamp());

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _isOver, 1);
        _alarm.Set(Clock.Never);
    }

    private void Ring()
    {
        long due = Clock.Add(Volatile.Read(ref _lastHeard), _limit);
        if (due > _clock.GetTimestamp())
        {
            if (Volatile.Read(ref _isOver) == 0)
            {
                _alarm.Set(due);
            }
        }
        else if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            _onDeadline();
        }
    }
}
