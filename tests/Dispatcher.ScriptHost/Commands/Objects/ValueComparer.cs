using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.ScriptHost.Commands;

/// <summary>Compares as the language does, ignoring case; what cannot be compared so, by its text.</summary>
internal sealed class ValueComparer : IComparer<object?>
{
    public static ValueComparer Instance { get; } = new();

    public int Compare(object? x, object? y)
    {
        object? left = Unwrap(x);
        object? right = Unwrap(y);
        return LanguagePrimitives.TryCompare(left, right, ignoreCase: true, CultureInfo.CurrentCulture, out int result)
            ? result
            : CultureInfo.CurrentCulture.CompareInfo.Compare(left?.ToString(), right?.ToString(), CompareOptions.IgnoreCase);
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
