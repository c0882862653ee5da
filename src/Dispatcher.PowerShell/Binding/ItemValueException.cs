using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A parameter has a value that cannot be used for an item, or its block has failed for the item.</summary>
internal sealed class ItemValueException : RuntimeException
{
    internal ItemValueException(string message, string errorId, Exception? innerException = null)
        : base(message, innerException) => ErrorId = errorId;

    internal string ErrorId { get; }
}
