using System;

namespace Dispatching.PowerShell;

/// <summary>A place where tasks can be run, and how to get there.</summary>
internal abstract class SessionTarget
{
    /// <summary>The name of the host: that of its tasks, and the one to pin tasks to it by.</summary>
    internal abstract string HostName { get; }

    /// <summary>Whether it can be opened again after it was lost.</summary>
    internal abstract bool CanReopen { get; }

    /// <summary>Opens a session, which may take long.</summary>
    /// <param name="started">Is given the process under it, where there is one, before it is open: whoever kills that ends the attempt.</param>
    /// <exception cref="HostLostException">It cannot be opened. The message says why.</exception>
    internal abstract OpenedSession Open(Action<SessionEndpoint> started);

    /// <summary>Whether this is the same place as another, reached in the same way.</summary>
    internal abstract bool IsSame(SessionTarget other);
}
