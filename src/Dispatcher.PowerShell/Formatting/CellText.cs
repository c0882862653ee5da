using System;

namespace Dispatching.PowerShell;

/// <summary>
/// Text shortened to fit a column of a table. A path is cut in the middle, where the engine would cut off its end: both
/// ends are needed to recognise it.
/// </summary>
internal static class CellText
{
    // The width of the other columns of the two tables, with the blanks between all of them.
    internal const int BesideDispatcherName = 66;
    internal const int BesideTaskNameAndInput = 44;

    private const int Least = 12;

#if NET
    private const string Ellipsis = "\u2026";
#else
    private const string Ellipsis = "...";
#endif

    /// <summary>A name or an input of a task; those two columns share the rest of the width.</summary>
    internal static string? ForTask(string? text) => IsPath(text) ? Fit(text, Math.Max(Least, (OutputWidth.Get() - BesideTaskNameAndInput) / 2)) : text;

    /// <summary>The name of a dispatcher. A long one would push other columns out of the table.</summary>
    internal static string? ForDispatcher(string text) => Fit(text, Math.Max(Least, OutputWidth.Get() - BesideDispatcherName));

    internal static string? Fit(string? text, int width)
    {
        if (text is null || text.Length <= width)
        {
            return text;
        }

        int kept = width - Ellipsis.Length;
        int end = IsPath(text) ? (kept + 1) / 2 : 0;
        int start = kept - end;
        if (char.IsHighSurrogate(text[start - 1]))
        {
            start--;
        }

        if (end > 0 && char.IsLowSurrogate(text[text.Length - end]))
        {
            end--;
        }

        return text.Substring(0, start) + Ellipsis + text.Substring(text.Length - end);
    }

    private static bool IsPath(string? text) => text?.IndexOfAny(['/', '\\']) >= 0;
}
