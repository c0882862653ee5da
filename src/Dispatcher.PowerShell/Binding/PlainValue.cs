using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Values as they are, without the wrapper that PowerShell puts around some.</summary>
internal static class PlainValue
{
    [return: NotNullIfNotNull(nameof(value))]
    internal static object? Of(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
