using System;

namespace Dispatching;

/// <summary>A line could not be written to a dispatcher's log; told once, until lines can be written again. Immutable.</summary>
public sealed class DispatcherLogFailedEventArgs : EventArgs
{
    internal DispatcherLogFailedEventArgs(string path, Exception exception)
    {
        Path = path;
        Exception = exception;
    }

    /// <summary>The full path of the log.</summary>
    public string Path { get; }

    /// <summary>Why it could not be written.</summary>
    public Exception Exception { get; }
}
