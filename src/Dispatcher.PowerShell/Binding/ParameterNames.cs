using System;
using System.Collections;
using System.Linq;

namespace Dispatching.PowerShell;

/// <summary>Checks the keys of a hashtable that are to be names in a script, where upper and lower case are the same.</summary>
internal static class ParameterNames
{
    /// <summary>What is wrong with a further name, as the rest of a sentence that begins with the parameter; <see langword="null"/> if nothing is.</summary>
    internal static string? Find(IEnumerable known, string name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return "has an empty key. Each key of the hashtable is a name.";
        }

        return known.Cast<string>().FirstOrDefault(other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase)) is { } same
            ? "has the keys '" + same + "' and '" + name + "', which are the same name in PowerShell. Give one of the two."
            : null;
    }
}
