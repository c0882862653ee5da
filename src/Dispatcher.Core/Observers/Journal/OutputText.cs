using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Dispatching;

/// <summary>
/// Objects as one text, from which they can be made again: for each a letter, the number of characters, a colon, and the
/// characters. Plain values are as they are; of others, as many as come one after the other go to a serializer together.
/// </summary>
/// <remarks>n null, s text, i Int32, l Int64, d Double, b Boolean, x what the serializer makes of an array of objects.</remarks>
internal static class OutputText
{
    /// <summary>Adds a plain value. Returns whether it is one.</summary>
    internal static bool TryAppend(StringBuilder target, object? value)
    {
        switch (value)
        {
            case null:
                Append(target, 'n', string.Empty);
                return true;
            case string text when WellFormed.Is(text):
                Append(target, 's', text);
                return true;
            case int number:
                Append(target, 'i', number.ToString(CultureInfo.InvariantCulture));
                return true;
            case long number:
                Append(target, 'l', number.ToString(CultureInfo.InvariantCulture));
                return true;
            case double number:
                Append(target, 'd', number.ToString("R", CultureInfo.InvariantCulture));
                return true;
            case bool flag:
                Append(target, 'b', flag ? "1" : "0");
                return true;
            default:
                return false;
        }
    }

    /// <summary>Adds what the serializer has made of some objects.</summary>
    internal static void AppendSerialized(StringBuilder target, string text) => Append(target, 'x', text);

    /// <summary>Makes the objects again.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    internal static List<object?> Read(string text, Func<string, IEnumerable<object?>> deserialize)
    {
        var values = new List<object?>();
        for (int i = 0; i < text.Length;)
        {
            char kind = text[i];
            int start = ReadLength(text, i + 1, out int length);
            string value = text.Substring(start, length);
            i = start + length;
            if (kind == 'x')
            {
                values.AddRange(deserialize(value));
            }
            else
            {
                values.Add(ToValue(kind, value));
            }
        }

        return values;
    }

    /// <summary>Reads a number of characters and the colon. Returns where those characters begin.</summary>
    private static int ReadLength(string text, int start, out int length)
    {
        long number = 0;
        int i = start;
        for (; i < text.Length && text[i] is >= '0' and <= '9' && number < int.MaxValue; i++)
        {
            number = (number * 10) + text[i] - '0';
        }

        if (i == start || i == text.Length || text[i] != ':' || number > text.Length - i - 1)
        {
            throw new FormatException("The output is damaged.");
        }

        length = (int)number;
        return i + 1;
    }

    private static object? ToValue(char kind, string value) => kind switch
    {
        'n' => null,
        's' => value,
        'i' => int.Parse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        'l' => long.Parse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        'd' => double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture),
        'b' => string.Equals(value, "1", StringComparison.Ordinal),
        _ => throw new FormatException("The output has a value of an unknown kind."),
    };

    private static void Append(StringBuilder target, char kind, string value) =>
        target.Append(kind).Append(value.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(value);
}
