using System;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>The set-up of the worker in a process: a task that does nothing, and ends once there is a session for it.</summary>
internal sealed class ProcessSetup : IDisposable
{
    private readonly ManualResetEventSlim _over = new();

    /// <summary>What has ended it; <see langword="null"/> where nothing has.</summary>
    internal Exception? Error { get; private set; }

    /// <summary>It has ended, or the process has.</summary>
    internal void SetOver(Exception? error)
    {
        Error ??= error;
        try
        {
            InterruptSafe.Set(_over);
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    internal void Wait() => _over.Wait();

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();
}
