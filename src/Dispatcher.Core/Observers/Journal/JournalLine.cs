using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace Dispatching;

/// <summary>
/// The lines of a journal: JSON objects, each with a sum over the rest of it as its first property, so that damage is
/// noticed. The sum is the first four bytes of the SHA-256 of what follows it, in hexadecimal.
/// </summary>
/// <remarks>
/// The first line has journal (the version of the format) and created. A task has key, occurrence (where it is not 1),
/// state, name, attempt, startedAt, endedAt, exitCode, hadErrors, firstError, item, and at last one of output (see
/// <see cref="OutputText"/>), outputFile, or neither. An entry that was removed has key, occurrence and the
/// state Removed.
/// </remarks>
internal static class JournalLine
{
    internal const int Version = 1;
    private const string Removed = "Removed";

    internal const int SumLength = 8;

    private const string Prefix = "{\"sum\":\"";

    // {"sum":"01234567",
    private static readonly int s_start = Prefix.Length + SumLength + 2;

    internal static byte[] CreateHeader(DateTimeOffset now) => Create(line =>
    {
        line.Add("journal", (long)Version);
        line.Add("created", now);
    });

    internal static byte[] CreateRemoval(string key, int occurrence) => Create(line =>
    {
        AddKey(line, key, occurrence);
        line.Add("state", Removed);
    });

    internal static byte[] Create(DispatchJournalEntry entry, string? output, string? outputFile) => Create(line =>
    {
        AddKey(line, entry.Key, entry.Occurrence);
        line.Add("state", entry.State.ToString());
        line.Add("name", LogText.Cut(entry.Name, TaskLogLine.LongestName));
        line.Add("attempt", entry.Attempt);
        line.Add("startedAt", entry.StartedAt);
        line.Add("endedAt", entry.EndedAt);
        line.Add("exitCode", entry.ExitCode);
        line.Add("hadErrors", entry.HadErrors);
        line.Add("firstError", LogText.Cut(entry.FirstError, TaskLogLine.LongestError));
        line.Add("item", entry.Item);
        if (outputFile is not null)
        {
            line.Add("outputFile", outputFile);
        }
        else if (output is not null)
        {
            line.Add("output", output);
        }
    });

    /// <summary>Whether a line, without its end, is as it was written.</summary>
    internal static bool IsIntact(byte[] buffer, int start, int length)
    {
        if (length <= s_start || buffer[start + length - 1] != '}' || !StartsWith(buffer, start, Prefix))
        {
            return false;
        }

        string sum = Sum(buffer, start + s_start, length - s_start);
        return StartsWith(buffer, start + Prefix.Length, sum);
    }

    /// <summary>Whether a file begins as a journal does, as far as it goes.</summary>
    internal static bool IsBeginning(Stream file)
    {
        file.Position = 0;
        foreach (char expected in Prefix)
        {
            int read = file.ReadByte();
            if (read < 0 || read != expected)
            {
                return read < 0;
            }
        }

        return true;
    }

    /// <summary>Reads the properties of an intact line.</summary>
    /// <param name="buffer">What has the line.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="needsOutput">Whether to read the text of the output, which is last and may be long.</param>
    /// <returns><see langword="null"/> where it is no such line.</returns>
    internal static Dictionary<string, string?>? Read(byte[] buffer, int start, int length, bool needsOutput)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        var reader = new JsonLineReader(Encoding.UTF8.GetString(buffer, start, length));
        while (reader.TryReadName(out string name))
        {
            if (!needsOutput && string.Equals(name, "output", StringComparison.Ordinal))
            {
                values[name] = string.Empty;
                return values;
            }

            if (!reader.TryReadValue(out string? value))
            {
                return null;
            }

            values[name] = value;
        }

        return reader.IsAtEnd ? values : null;
    }

    /// <summary>What the properties of a line tell; <see langword="null"/> where it is not that of a task.</summary>
    internal static DispatchJournalEntry? ToEntry(string path, IReadOnlyDictionary<string, string?> line)
    {
        if (Get(line, "key") is not { } key || !Enum.TryParse(Get(line, "state"), out TaskState state))
        {
            return null;
        }

        return new DispatchJournalEntry(path, key)
        {
            Occurrence = GetOccurrence(line),
            State = state,
            Name = Get(line, "name"),
            Attempt = GetNumber(line, "attempt") ?? 0,
            StartedAt = GetDate(line, "startedAt"),
            EndedAt = GetDate(line, "endedAt"),
            ExitCode = GetNumber(line, "exitCode"),
            HadErrors = HasErrors(line),
            FirstError = Get(line, "firstError"),
            Item = Get(line, "item"),
            HasOutput = HasOutput(line),
        };
    }

    /// <summary>The key and the occurrence, as <see cref="JournalKey"/> makes them one; <see langword="null"/> where it is not the line of a task.</summary>
    internal static string? GetId(IReadOnlyDictionary<string, string?> line) => Get(line, "key") is { } key ? JournalKey.ToId(key, GetOccurrence(line)) : null;

    internal static bool IsCompleted(IReadOnlyDictionary<string, string?> line) => string.Equals(Get(line, "state"), nameof(TaskState.Completed), StringComparison.Ordinal);

    internal static bool IsRemoval(IReadOnlyDictionary<string, string?> line) => string.Equals(Get(line, "state"), Removed, StringComparison.Ordinal);

    internal static bool HasErrors(IReadOnlyDictionary<string, string?> line) => string.Equals(Get(line, "hadErrors"), "true", StringComparison.Ordinal);

    internal static bool HasOutput(IReadOnlyDictionary<string, string?> line) => line.ContainsKey("output") || line.ContainsKey("outputFile");

    internal static string? Get(IReadOnlyDictionary<string, string?> line, string name) => line.TryGetValue(name, out string? value) ? value : null;

    internal static int? GetNumber(IReadOnlyDictionary<string, string?> line, string name) =>
        int.TryParse(Get(line, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>The sum over some bytes.</summary>
    internal static string Sum(byte[] buffer, int start, int length)
    {
#if NET
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(buffer.AsSpan(start, length), hash);
        return Convert.ToHexString(hash[..(SumLength / 2)]);
#else
        using var sha = SHA256.Create();
        return BitConverter.ToString(sha.ComputeHash(buffer, start, length), 0, SumLength / 2).Replace("-", string.Empty);
#endif
    }

    private static int GetOccurrence(IReadOnlyDictionary<string, string?> line) => GetNumber(line, "occurrence") ?? 1;

    private static DateTimeOffset? GetDate(IReadOnlyDictionary<string, string?> line, string name) =>
        DateTimeOffset.TryParse(Get(line, name), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset date) ? date : null;

    private static void AddKey(JsonLine line, string key, int occurrence)
    {
        line.Add("key", key);
        if (occurrence != 1)
        {
            line.Add("occurrence", occurrence);
        }
    }

    private static byte[] Create(Action<JsonLine> add)
    {
        var text = new StringBuilder();
        var line = new JsonLine(text);
        line.Add("sum", "01234567"); // Replaced below, once the rest is known.
        add(line);
        line.End();
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        string sum = Sum(bytes, s_start, bytes.Length - s_start - 1);
        Encoding.ASCII.GetBytes(sum, 0, SumLength, bytes, Prefix.Length);
        return bytes;
    }

    private static bool StartsWith(byte[] buffer, int start, string text)
    {
        if (buffer.Length - start < text.Length)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (buffer[start + i] != text[i])
            {
                return false;
            }
        }

        return true;
    }
}
