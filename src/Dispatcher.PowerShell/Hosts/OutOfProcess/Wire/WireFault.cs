using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Dispatching.PowerShell;

/// <summary>What rules for retries ask of an exception, and what is lost when the engine sends it to another process.</summary>
/// <param name="Status">Its HTTP status.</param>
/// <param name="RetryAfter">How long the server asks to wait.</param>
/// <param name="ExitCode">The exit code of the native program that it tells of.</param>
/// <param name="TypeNames">The full names of its type, of the types above it, and of those of inner exceptions.</param>
internal sealed record WireFault(int? Status, TimeSpan? RetryAfter, int? ExitCode, IReadOnlyList<string> TypeNames)
{
    internal static WireFault Of(Exception error, DateTimeOffset now) => new(
        HttpErrors.GetStatus(error), HttpErrors.GetRetryAfter(error, now), RetryRule.GetExitCodes(error).Cast<int?>().FirstOrDefault(), [.. HttpErrors.Chain(error).SelectMany(GetTypeNames).Distinct(StringComparer.Ordinal)]);

    internal static WireFault? Decode(string text)
    {
        string[] parts = text.Split('|');
        return parts.Length != 4 ? null : new WireFault(
            Number(parts[0]) is { } status ? (int)status : null,
            Number(parts[1]) is { } ticks ? TimeSpan.FromTicks(ticks) : null,
            Number(parts[2]) is { } code ? (int)code : null,
            parts[3].Split(','));
    }

    internal string Encode() => string.Format(CultureInfo.InvariantCulture, "{0}|{1}|{2}|{3}", Status, RetryAfter?.Ticks, ExitCode, string.Join(",", TypeNames));

    private static long? Number(string text) => text.Length == 0 ? null : long.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<string> GetTypeNames(Exception error)
    {
        for (Type? type = error.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            if (!type.IsGenericType)
            {
                yield return type.FullName ?? type.Name;
            }
        }
    }
}
