using System;
using System.Globalization;

namespace Dispatching;

/// <summary>Text for a log: bounded, and made without running code that is not known to be harmless.</summary>
internal static class LogText
{
    /// <summary>How many characters of an item a log has at most.</summary>
    internal const int LongestInput = 1000;

    /// <summary>Shortens text that is too long; its last character then is an ellipsis.</summary>
    internal static string? Cut(string? text, int longest)
    {
        if (text is null || text.Length <= longest)
        {
            return text;
        }

        int kept = longest - 1;
        return text.Substring(0, char.IsHighSurrogate(text[kept - 1]) ? kept - 1 : kept) + "\u2026";
    }

    /// <summary>The text of a plain value, in no culture.</summary>
    /// <returns><see langword="null"/> for a value that is not plain.</returns>
    internal static string? OfPlain(object value, int longest) => value switch
    {
        string text => Cut(text, longest),
        DateTime or DateTimeOffset => ((IFormattable)value).ToString("o", CultureInfo.InvariantCulture),
        Enum or Guid or TimeSpan or Version => string.Format(CultureInfo.InvariantCulture, "{0}", value),
        IConvertible number when number is decimal || number.GetType().IsPrimitive => number.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>
    /// The text of a plain value; of any other, the name of its type, since its ToString may do what it likes, and would
    /// do it on a thread that is not its own.
    /// </summary>
    internal static string? OfUnknown(object? value, int longest) => value is null ? null : OfPlain(value, longest) ?? OfType(value, longest);

    /// <summary>The name of a value's type.</summary>
    internal static string? OfType(object value, int longest) => Cut(value.GetType().FullName, longest);

    /// <summary>The message of an exception, whatever its own code does.</summary>
    internal static string OfException(Exception exception)
    {
        try
        {
            return exception.Message ?? string.Empty;
        }
        catch (Exception)
        {
            return exception.GetType().FullName ?? string.Empty;
        }
    }
}
