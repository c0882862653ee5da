using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Reads the limits of groups: one number for each group, or a hashtable of names and numbers, in which * is the default.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class GroupLimitAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        return value switch
        {
            null => null,
            GroupLimit limit => limit,
            IDictionary table => FromTable(table),
            _ => new GroupLimit(ToLimit(value, "A limit")),
        };
    }

    private static GroupLimit FromTable(IDictionary table)
    {
        var limits = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        int? rest = null;
        foreach (DictionaryEntry entry in table)
        {
            string group = LanguagePrimitives.ConvertTo<string>(entry.Key);
            int limit = ToLimit(PlainValue.Of(entry.Value), "The limit of group '" + group + "'");
            if (string.Equals(group, "*", StringComparison.Ordinal))
            {
                rest = limit;
            }
            else if (!Add(limits, group, limit))
            {
                throw new ArgumentTransformationMetadataException("Group '" + group + "' is there twice. Upper and lower case are the same.");
            }
        }

        return limits.Count > 0 || rest is not null
            ? new GroupLimit(limits, rest)
            : throw new ArgumentTransformationMetadataException("The hashtable is empty. Give the limit of at least one group, such as @{ db = 1; '*' = 4 }, or $null for no limits.");
    }

    private static bool Add(Dictionary<string, int> limits, string group, int limit)
    {
        int before = limits.Count;
        limits[group] = limit;
        return limits.Count > before;
    }

    private static int ToLimit(object? value, string what) =>
        WholeNumber.TryRead(value, out int limit) && limit >= 1
            ? limit
            : throw new ArgumentTransformationMetadataException(what + " is a whole number of at least 1, and '" + (value ?? "$null") + "' is not. Give a number for all groups, or a hashtable: @{ db = 1; '*' = 4 }.");
}
