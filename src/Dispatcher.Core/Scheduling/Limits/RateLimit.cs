using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// Bounds how many attempts start in any period of one length: a sliding window over the times of the last starts. A start
/// whose time is not known yet, since its worker still opens its host or its task was only sent, counts until it is. The scheduler's lock guards it.
/// </summary>
internal sealed class RateLimit
{
    private readonly Queue<long> _starts = new();
    private int _limit;
    private long _period;
    private int _openCount;
    private long _last;

    /// <summary>The rate; <see langword="null"/> for none. The starts before a change of it count for the new one.</summary>
    internal Rate? Rate { get; private set; }

    /// <summary>When the next start is possible, where none is now; <see cref="Clock.Never"/> where one is, or an open start has to end first.</summary>
    internal long NextDue => Rate is not null && Available == 0 && _starts.Count > 0 ? Clock.Add(_starts.Peek(), TimeSpan.FromTicks(_period)) : Clock.Never;

    /// <summary>How many more starts are possible now, as of the last <see cref="Update"/>.</summary>
    internal int Available => Rate is null ? int.MaxValue : Math.Max(0, _limit - _starts.Count - _openCount);

    /// <summary>How many starts are open: those whose host opens, and those that were sent to a runner elsewhere, with a rate or without.</summary>
    internal int OpenCount => _openCount;

    internal void Set(Rate? rate, long now)
    {
        Rate = rate;
        _limit = rate?.Count ?? 0;
        _period = rate?.Period.Ticks ?? 0;
        Update(now);
    }

    /// <summary>Forgets the starts that are a whole period old.</summary>
    internal void Update(long now)
    {
        // No start may be noted with an earlier time from now on: a worker may have read the clock before this.
        _last = Math.Max(now, _last);

        // A longer period may be set later, but what it would still cover has been forgotten by then.
        while (_starts.Count > 0 && now - _starts.Peek() >= _period)
        {
            _starts.Dequeue();
        }
    }

    /// <summary>An attempt starts. Returns the time of that: times go up, whatever order the threads come in.</summary>
    internal long Start(long now, bool isOpen)
    {
        now = Math.Max(now, _last);
        _last = now;
        if (isOpen)
        {
            _openCount++;
        }
        else if (Rate is not null)
        {
            _starts.Enqueue(now);
        }

        return now;
    }

    /// <summary>An attempt that was counted as open has started at this time, or has ended without.</summary>
    internal void CloseStart(long? startedAt)
    {
        _openCount--;
        if (startedAt is { } time && Rate is not null)
        {
            _last = Math.Max(time, _last);
            _starts.Enqueue(_last);
        }
    }
}
