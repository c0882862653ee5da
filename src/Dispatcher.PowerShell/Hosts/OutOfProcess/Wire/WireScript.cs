using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A <see cref="ScriptInvocation"/> on its way to an agent.</summary>
internal static class WireScript
{
    /// <param name="script">What to run.</param>
    /// <param name="values">Those of the session.</param>
    /// <param name="hasLocation">Whether the folder of the sender is one there, too.</param>
    internal static object?[] Encode(ScriptInvocation script, WireValues values, bool hasLocation) =>
    [
        WireBlock.Of(script.Ast).Encode(),
        (int)script.LanguageMode,
        script.Culture.Name,
        script.UICulture.Name,
        values.EncodeAll(script.Arguments),
        values.EncodePairs(script.Parameters?.Cast<DictionaryEntry>().Select(entry => new KeyValuePair<string, object?>((string)entry.Key, entry.Value))),
        values.EncodePairs(script.UsingValues),
        script.HasItem,
        script.FailOnError,
        hasLocation ? script.Location : null,
    ];

    internal static ScriptInvocation Decode(object?[] sent, WireValues values) => new(WireBlock.Decode(WireValues.List(sent[0])).Parse(), WireValues.ToEnum<PSLanguageMode>(sent[1]))
    {
        Culture = CultureInfo.GetCultureInfo(WireValues.Text(sent[2])),
        UICulture = CultureInfo.GetCultureInfo(WireValues.Text(sent[3])),
        Arguments = values.DecodeAll(sent[4]),
        Parameters = ToTable(values.DecodePairs(sent[5], StringComparer.OrdinalIgnoreCase)),
        UsingValues = values.DecodePairs(sent[6], StringComparer.Ordinal),
        HasItem = WireValues.Flag(sent[7]),
        FailOnError = WireValues.Flag(sent[8]),
        Location = WireValues.TextOrNull(sent[9]),
    };

    private static Hashtable? ToTable(Dictionary<string, object?>? pairs) => pairs is null ? null : new Hashtable(pairs, StringComparer.OrdinalIgnoreCase);
}
