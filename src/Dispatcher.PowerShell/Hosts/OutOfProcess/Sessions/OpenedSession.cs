using System;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>An open session: ours, over a child process that ends with it, or one of the user's, which goes on.</summary>
internal sealed class OpenedSession : IDisposable
{
    internal OpenedSession(Runspace runspace, SessionEndpoint? endpoint)
    {
        Runspace = runspace;
        Endpoint = endpoint;
    }

    internal Runspace Runspace { get; }

    /// <summary>The child process under it; <see langword="null"/> for a session of the user's.</summary>
    internal SessionEndpoint? Endpoint { get; }

    internal bool IsOurs => Endpoint is not null;

    /// <summary>Ends what is under it, where that is ours. Does not block.</summary>
    internal void Kill() => Endpoint?.Kill();

    /// <inheritdoc/>
    /// <remarks>Ours is broken once its process has ended. To close it as well, while a pipeline was open, takes the engine a minute.</remarks>
    public void Dispose() => Endpoint?.Dispose();
}
