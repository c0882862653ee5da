using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>An executable could not be started, or ended with an exit code that does not mean success.</summary>
public sealed class ExecutableException : Exception, ILoggedException
{
    private readonly string _logMessage;

    internal ExecutableException(string message, string filePath, Exception? innerException = null)
        : base(message, innerException)
    {
        FilePath = filePath;
        _logMessage = message;
    }

    internal ExecutableException(string message, string filePath, ExitStatus status, IReadOnlyList<string> standardError)
        : base(message)
    {
        FilePath = filePath;
        _logMessage = ExecutableMessages.OfExit(filePath, status);
        ExitCode = status.Code;
        Signal = status.Signal;
        StandardError = standardError;
    }

    /// <summary>The executable.</summary>
    public string FilePath { get; }

    /// <summary>Its exit code, for one that a signal ended 128 and the signal's number; <see langword="null"/> if it did not start.</summary>
    public int? ExitCode { get; }

    /// <summary>The number of the signal that ended it; <see langword="null"/> if none did, or the system does not tell.</summary>
    public int? Signal { get; }

    /// <summary>
    /// What it wrote to its standard error in this attempt, as far as it was kept; empty if those lines went to a file, or
    /// were errors of their own already.
    /// </summary>
    public IReadOnlyList<string> StandardError { get; } = [];

    /// <inheritdoc/>
    string ILoggedException.LogMessage => _logMessage;
}
