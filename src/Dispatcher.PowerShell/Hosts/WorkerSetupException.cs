using System;

namespace Dispatching.PowerShell;

/// <summary>A worker could not be set up: a module that was asked for, or the initialization script, failed.</summary>
public sealed class WorkerSetupException : Exception
{
    internal WorkerSetupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
