using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>An error in the arguments of a cmdlet, found below the cmdlet, with the record to write.</summary>
internal sealed class CallerErrorException : RuntimeException
{
    internal CallerErrorException(Exception exception, string errorId, ErrorCategory category, object? target)
        : base(exception.Message, exception) => ErrorRecord = new ErrorRecord(exception, errorId, category, target);

    /// <inheritdoc/>
    public override ErrorRecord ErrorRecord { get; }
}
