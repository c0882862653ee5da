using System;
using System.Threading;

namespace Dispatching.PowerShell.Tests;

/// <summary>
/// Where tasks and the test meet. Tasks call <see cref="Pass"/>, which blocks until the test calls <see cref="Open"/>;
/// the test waits for so many of them to be there. Every wait is bounded.
/// </summary>
public sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private int _count;

    /// <summary>How many have come so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether it is open.</summary>
    public bool IsOpen => _open.IsSet;

    /// <summary>Says that the caller is here, without waiting.</summary>
    public void Arrive()
    {
        Interlocked.Increment(ref _count);
        _arrived.Release();
    }

    /// <summary>Says that the caller is here, and waits until the gate is open.</summary>
    public void Pass()
    {
        Arrive();
        WaitUntilOpen();
    }

    /// <summary>Waits until the gate is open.</summary>
    public void WaitUntilOpen()
    {
        if (!_open.Wait(Limits.Hang))
        {
            throw new TimeoutException("The gate was not opened.");
        }
    }

    /// <summary>Waits until so many more have arrived.</summary>
    public void WaitForArrivals(int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            if (!_arrived.Wait(Limits.Hang))
            {
                throw new TimeoutException("Only " + Count + " came to the gate.");
            }
        }
    }

    /// <summary>Lets all pass, now and later.</summary>
    public void Open() => _open.Set();

    /// <inheritdoc/>
    public void Dispose()
    {
        // Not disposed: tasks that a test leaves behind may still stand at it.
        _open.Set();
    }
}
