using System.Threading;

namespace Dispatching;

/// <summary>Has an idle worker wait until it is woken. One thread waits, any thread wakes; a wake before the wait counts.</summary>
internal sealed class WorkerSignal
{
    // Before it sleeps, an idle worker spins for some 10 µs. Where one thread sends tasks that do nothing to one worker,
    // that takes them from 530-770 ns each to 400-570: nobody has to be put to sleep and woken.
    private const int SpinTurns = 10;
    private const int SpinTurn = 20;

    private const int Awake = 0;
    private const int Sleeping = 1;
    private const int Woken = 2;

    private readonly object _lock = new();
    private int _state;

    /// <summary>Wakes the waiting thread, or the next that waits. May be called under the scheduler's lock; does not block.</summary>
    internal void Wake()
    {
        if (Interlocked.Exchange(ref _state, Woken) == Sleeping)
        {
            InterruptSafe.Enter(_lock);
            Monitor.Pulse(_lock);
            Monitor.Exit(_lock);
        }
    }

    /// <summary>Blocks until somebody wakes it. <see cref="Thread.Interrupt"/> does not end the wait.</summary>
    internal void Wait()
    {
        for (int turn = 0; turn < SpinTurns && Volatile.Read(ref _state) != Woken; turn++)
        {
            Thread.SpinWait(SpinTurn);
        }

        if (Interlocked.CompareExchange(ref _state, Sleeping, Awake) == Awake)
        {
            Sleep();
        }

        Volatile.Write(ref _state, Awake);
    }

    private void Sleep()
    {
        InterruptSafe.Enter(_lock);
        try
        {
            while (Volatile.Read(ref _state) != Woken)
            {
                InterruptSafe.Wait(_lock);
            }
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }
}
