using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>Writes error records that come from elsewhere.</summary>
internal static class ErrorOrigin
{
    // WriteError overwrites where an error came from, unless this is set. The engine does the same for its own jobs, and
    // has no public way to it.
    private static readonly PropertyInfo? s_preserveInvocationInfo = typeof(ErrorRecord).GetProperty(
        "PreserveInvocationInfoOnce", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <param name="cmdlet">Writes it.</param>
    /// <param name="record">The record.</param>
    /// <param name="isKept">Whether its command, position and id stay as they are.</param>
    internal static void Write(Cmdlet cmdlet, ErrorRecord record, bool isKept)
    {
        s_preserveInvocationInfo?.SetValue(record, isKept);
        cmdlet.WriteError(record);
    }
}
