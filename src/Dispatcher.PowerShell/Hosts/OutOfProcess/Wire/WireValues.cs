using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// Values on their way between two processes. The engine makes text of a script block, a list of an array, and a table with
/// keys of any case of a dictionary; so blocks are sent as their source with a mark, and dictionaries as lists of pairs.
/// </summary>
internal sealed class WireValues
{
    private readonly string _mark;

    /// <param name="nonce">The nonce of the session: no value of a user has the mark that is made of it.</param>
    internal WireValues(string nonce) => _mark = nonce + "block";

    internal object? Encode(object? value) => value switch
    {
        CapturedScriptBlock block => EncodeBlock(block),
        ScriptBlock block => EncodeBlock(CapturedScriptBlock.Of(block, "A script block")),
        PSObject { BaseObject: ScriptBlock block } => EncodeBlock(CapturedScriptBlock.Of(block, "A script block")),
        _ => value,
    };

    internal object?[]? EncodeAll(object?[]? values) => values is null ? null : Array.ConvertAll(values, Encode);

    internal object?[]? EncodePairs(IEnumerable<KeyValuePair<string, object?>>? pairs) =>
        pairs?.SelectMany(pair => new[] { pair.Key, Encode(pair.Value) }).ToArray();

    internal object? Decode(object? value)
    {
        // An array comes as a list with the wrapper of what was rebuilt.
        return PlainValue.Of(value) is IList { Count: 3 } list && string.Equals(PlainValue.Of(list[0]) as string, _mark, StringComparison.Ordinal)
            ? WireBlock.Decode(List(list[1])).Capture(ToEnum<PSLanguageMode>(list[2]))
            : Unwrap(value);
    }

    internal object?[]? DecodeAll(object? values) => values is null ? null : Array.ConvertAll(List(values), Decode);

    internal Dictionary<string, object?>? DecodePairs(object? pairs, StringComparer comparer)
    {
        if (pairs is null)
        {
            return null;
        }

        object?[] list = List(pairs);
        var decoded = new Dictionary<string, object?>(comparer);
        for (int i = 0; i + 1 < list.Length; i += 2)
        {
            decoded[Text(list[i])] = Decode(list[i + 1]);
        }

        return decoded;
    }

    /// <summary>An object as a script is to see it: plain values without a wrapper, and what the engine has rebuilt with it.</summary>
    internal static object? Unwrap(object? value)
    {
        if (value is not PSObject wrapped)
        {
            return value;
        }

        object plain = wrapped.BaseObject;
        return plain is PSCustomObject || wrapped.Members.Match("*", PSMemberTypes.NoteProperty).Any(member => member.IsInstance)
            || (wrapped.TypeNames.Count > 0 && wrapped.TypeNames[0].StartsWith("Deserialized.", StringComparison.Ordinal))
            ? value
            : plain;
    }

    internal static object?[] List(object? value) => PlainValue.Of(value) is IList list ? [.. list.Cast<object?>()] : throw new FormatException("A list was expected.");

    internal static string Text(object? value) => PlainValue.Of(value) as string ?? throw new FormatException("A text was expected.");

    internal static string? TextOrNull(object? value) => PlainValue.Of(value) as string;

    internal static long Number(object? value) => Convert.ToInt64(PlainValue.Of(value), CultureInfo.InvariantCulture);

    internal static bool Flag(object? value) => PlainValue.Of(value) is true;

    internal static T ToEnum<T>(object? value)
        where T : struct, Enum => (T)Enum.ToObject(typeof(T), Number(value));

    private object?[] EncodeBlock(CapturedScriptBlock block) => [_mark, WireBlock.Of(block.Ast).Encode(), (int)block.LanguageMode];
}
