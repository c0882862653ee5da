using System;

namespace Dispatching.PowerShell;

/// <summary>The session to the host that ran a task was lost, or no host can be reached. The message says which, and why.</summary>
public sealed class HostLostException : Exception
{
    internal HostLostException(string message)
        : base(message)
    {
    }
}
