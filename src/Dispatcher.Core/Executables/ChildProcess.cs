using System;
using System.IO;

namespace Dispatching;

/// <summary>
/// A process that was started, and its streams. Used by the worker's thread alone, save for <see cref="Abandon"/>.
/// </summary>
internal abstract class ChildProcess : IDisposable
{
    internal abstract int Id { get; }

    /// <summary>Whether it leads a session of its own, so that those of its tree who have stayed in it can be told by that.</summary>
    internal virtual bool LeadsSession => false;

    /// <summary>
    /// What writes to its standard input, where that stays open: see <see cref="ProcessPlan.KeepsInput"/>. For one thread at a
    /// time, and any.
    /// </summary>
    internal virtual Stream? Input => null;

    /// <summary>Passes on what it reads and writes until the process itself has ended.</summary>
    /// <returns><see langword="false"/> if that was abandoned.</returns>
    internal abstract bool WaitForExit();

    /// <summary>Once it has ended: goes on until nothing that it started is known to be alive.</summary>
    /// <param name="timeout">How long to wait for that.</param>
    /// <param name="streamsOnly">Whether it is enough that its streams have ended.</param>
    /// <returns>Whether it came to that.</returns>
    internal abstract bool WaitForRest(TimeSpan timeout, bool streamsOnly);

    /// <summary>Reads no further: what holds its streams open is not waited for.</summary>
    internal abstract void EndStreams();

    /// <summary>How it ended. From here on its id may be that of another process.</summary>
    internal abstract ExitStatus Reap();

    /// <summary>Once it is reaped: whether something it started is alive, as far as can be seen at no cost.</summary>
    internal abstract bool HasSurvivors();

    /// <summary>Where the system has a better way than to search for processes: ends all that it started.</summary>
    internal virtual void KillAll()
    {
    }

    /// <summary>Ends every wait, now and later. From any thread.</summary>
    internal abstract void Abandon();

    /// <inheritdoc/>
    public abstract void Dispose();
}
