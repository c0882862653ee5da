using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A script block that is to go to a worker as a value is bound to its session, and cannot be re-created.</summary>
internal sealed class BoundScriptBlockException : RuntimeException
{
    internal BoundScriptBlockException(string message)
        : base(message)
    {
    }
}
