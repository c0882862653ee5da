using System.Threading;

namespace Dispatching;

/// <summary>
/// Takes locks, waits and sets events in a way that no interrupt breaks. A body may have called
/// <see cref="Thread.Interrupt"/> on its thread, and what is left of that must not hit the scheduling after it.
/// </summary>
internal static class InterruptSafe
{
    // The scheduler's lock is held for a moment only. To fall asleep at it and be woken takes far longer, and spinning
    // without long pauses keeps its cache line from the one who holds it: 1,000,000 tasks on 2 workers took 750 ns each
    // without this, and take 300.
    private const int SpinTurns = 10;
    private const int SpinTurn = 100;

    internal static void Enter(object monitor)
    {
        for (int turn = 0; turn < SpinTurns; turn++)
        {
            if (Monitor.TryEnter(monitor))
            {
                return;
            }

            Thread.SpinWait(SpinTurn);
        }

        while (true)
        {
            try
            {
                Monitor.Enter(monitor);
                return;
            }
            catch (ThreadInterruptedException)
            {
                // The lock was not taken, and the interrupt is used up.
            }
        }
    }

    /// <summary>Asks a clock, which may be one that takes a lock for it.</summary>
    internal static long GetTimestamp(Clock clock)
    {
        while (true)
        {
            try
            {
                return clock.GetTimestamp();
            }
            catch (ThreadInterruptedException)
            {
                // The interrupt is used up.
            }
        }
    }

    /// <summary>Sets an alarm under the lock, which may be one that takes a lock for it.</summary>
    internal static void Prepare(Alarm alarm, long timestamp)
    {
        while (true)
        {
            try
            {
                alarm.Prepare(timestamp);
                return;
            }
            catch (ThreadInterruptedException)
            {
                // It broke into the lock; the setting replaces the last one, whether that was made or not.
            }
        }
    }

    /// <summary>Sets an event that threads wait for.</summary>
    internal static void Set(ManualResetEventSlim happened)
    {
        while (true)
        {
            try
            {
                happened.Set();
                return;
            }
            catch (ThreadInterruptedException)
            {
                // It broke into the lock inside, before the waiting threads were woken.
            }
        }
    }

    /// <summary>Uses up an interrupt that has come for this thread and has hit nothing yet.</summary>
    internal static void Clear()
    {
        try
        {
            // Of the waits that an interrupt ends, the cheapest: it waits for nothing.
            Thread.CurrentThread.Join(0);
        }
        catch (ThreadInterruptedException)
        {
            // That was it.
        }
    }

    internal static void Wait(object monitor)
    {
        try
        {
            Monitor.Wait(monitor);
        }
        catch (ThreadInterruptedException)
        {
            // The lock is held again, as after any wake-up; the caller checks its condition once more.
        }
    }
}
