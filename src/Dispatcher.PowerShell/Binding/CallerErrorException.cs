using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>An error in what a cmdlet was given, found below the cmdlet: it is written as it is.</summary>
internal sealed class CallerErrorException : RuntimeException
{
    internal CallerErrorException(Exception exception, string errorId, ErrorCategory category, object? target)
        : base(exception.Message, exception) => ErrorRecord = new ErrorRecord(exception, errorId, category, target);

    /// <inheritdoc/>
    public override ErrorRecord ErrorRecord { get; }
}
