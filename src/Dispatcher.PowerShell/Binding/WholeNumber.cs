using System;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Reads whole numbers, where the engine would round others.</summary>
internal static class WholeNumber
{
    /// <summary>Reads a number that is whole and an <see cref="int"/>, of whatever type, or its text.</summary>
    internal static bool TryRead(object? value, out int number)
    {
        number = 0;
        return value is not (bool or null)
            && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out double exact)
            && exact == Math.Floor(exact)
            && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out number);
    }
}
