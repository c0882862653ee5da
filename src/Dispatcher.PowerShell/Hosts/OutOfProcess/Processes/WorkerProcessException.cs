using System;

namespace Dispatching.PowerShell;

/// <summary>The worker process that ran a task has ended. The message says how.</summary>
public sealed class WorkerProcessException : Exception
{
    internal WorkerProcessException(string message)
        : base(message)
    {
    }
}
