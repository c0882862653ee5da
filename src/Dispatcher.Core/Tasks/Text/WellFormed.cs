using System.Globalization;
using System.Text;

namespace Dispatching;

/// <summary>Text that UTF-8 can hold: without halves of surrogate pairs.</summary>
internal static class WellFormed
{
    /// <summary>Whether it is such a text.</summary>
    internal static bool Is(string text) => FindHalf(text, 0) < 0;

    /// <summary>The same text, with each half of a pair as its number: \ud800.</summary>
    internal static string Escape(string text)
    {
        int half = FindHalf(text, 0);
        if (half < 0)
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        int start = 0;
        for (; half >= 0; half = FindHalf(text, start))
        {
            escaped.Append(text, start, half - start).Append("\\u").Append(((int)text[half]).ToString("x4", CultureInfo.InvariantCulture));
            start = half + 1;
        }

        return escaped.Append(text, start, text.Length - start).ToString();
    }

    private static int FindHalf(string text, int start)
    {
        for (int i = start; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                {
                    return i;
                }

                i++;
            }
        }

        return -1;
    }
}
