using System;

namespace Dispatching.PowerShell;

/// <summary>
/// Finds the elements of the engine's protocol in a line. Each is a line of its own; programs that write to the same stream may
/// put text of theirs around it.
/// </summary>
internal static class ProtocolLine
{
    private const string DataStart = "<Data Stream='";
    private const string DataEnd = "</Data>";
    private const string AcknowledgementEnd = "/>";

    // What a server sends.
    private static readonly string[] s_acknowledgements = ["<DataAck PSGuid='", "<CommandAck PSGuid='", "<CloseAck PSGuid='", "<SignalAck PSGuid='"];

    /// <summary>Finds the next element.</summary>
    /// <param name="line">The line.</param>
    /// <param name="at">Where to start; where to go on.</param>
    /// <param name="element">The element; <see langword="null"/> if its end is missing.</param>
    /// <returns>Whether there is one.</returns>
    internal static bool TryFind(string line, ref int at, out string? element)
    {
        for (int start = at; start < line.Length && (start = line.IndexOf('<', start)) >= 0; start++)
        {
            if (FindEnd(line, start) is not { } endMark)
            {
                continue;
            }

            int end = line.IndexOf(endMark, start, StringComparison.Ordinal);
            at = end < 0 ? line.Length : end + endMark.Length;
            element = end < 0 ? null : start == 0 && at == line.Length ? line : line.Substring(start, at - start);
            return true;
        }

        element = null;
        return false;
    }

    /// <summary>What ends the element that starts here; <see langword="null"/> if none does.</summary>
    private static string? FindEnd(string line, int start)
    {
        if (IsAt(line, start, DataStart))
        {
            return DataEnd;
        }

        foreach (string acknowledgement in s_acknowledgements)
        {
            if (IsAt(line, start, acknowledgement))
            {
                return AcknowledgementEnd;
            }
        }

        return null;
    }

    private static bool IsAt(string line, int start, string text) => string.CompareOrdinal(line, start, text, 0, text.Length) == 0;
}
