using System;

namespace Dispatching;

/// <summary>An executable could not be started, or ended with an exit code that does not mean success.</summary>
public sealed class ExecutableException : Exception
{
    internal ExecutableException(string message, string filePath, int? exitCode, Exception? innerException = null)
        : base(message, innerException)
    {
        FilePath = filePath;
        ExitCode = exitCode;
    }

    /// <summary>The executable.</summary>
    public string FilePath { get; }

    /// <summary>Its exit code; <see langword="null"/> if it did not start.</summary>
    public int? ExitCode { get; }
}
