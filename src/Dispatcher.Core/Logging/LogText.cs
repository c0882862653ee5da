using System;
using System.Globalization;

namespace Dispatching;

/// <summary>Text for a log: bounded, and made without running code that is not known to be harmless.</summary>
internal static class LogText
{
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

    /// <summary>
    /// The text of a plain value, in no culture; of anything else the name of its type, since its ToString may do what
    /// it likes, and would do it on a thread that knows nothing of it.
    /// </summary>
    internal static string? OfSimple(object? value, int longest) => value switch
    {
        null => null,
        string text => Cut(text, longest),
        DateTime or DateTimeOffset => ((IFormattable)value).ToString("o", CultureInfo.InvariantCulture),
        Enum or Guid or TimeSpan or Version => string.Format(CultureInfo.InvariantCulture, "{0}", value),
        IConvertible simple when simple.GetType().IsPrimitive || simple is decimal => simple.ToString(CultureInfo.InvariantCulture),
        _ => Cut(value.GetType().FullName, longest),
    };
}
