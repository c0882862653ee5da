using System;
using System.Threading;

namespace Dispatching.Tests.Support;

/// <summary>Something that happens once, and can be waited for. Disposing of it opens it, so that no thread stays behind.</summary>
internal sealed class Gate(string name) : IDisposable
{
    private readonly ManualResetEventSlim _event = new();

    internal bool IsOpen => _event.IsSet;

    internal void Open() => _event.Set();

    internal void Wait() => Bounded.Wait(_event, name);

    /// <summary>Waits as a body does that cannot be interrupted.</summary>
    internal void WaitThroughInterrupts()
    {
        while (!IsOpen)
        {
            try
            {
                Wait();
            }
            catch (ThreadInterruptedException)
            {
                // On it goes.
            }
        }
    }

    public void Dispose() => Open();
}
