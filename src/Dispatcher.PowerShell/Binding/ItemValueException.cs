using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The value of a parameter cannot be used for an item, or the block that makes it has failed.</summary>
internal sealed class ItemValueException : RuntimeException
{
    internal ItemValueException(string message, string errorId, Exception? innerException = null)
        : base(message, innerException) => ErrorId = errorId;

    internal string ErrorId { get; }
}
