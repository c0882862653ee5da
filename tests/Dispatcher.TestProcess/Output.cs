using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;

namespace Dispatching.TestProcess;

/// <summary>
/// The standard streams as bytes: UTF-8 without a byte order mark whatever the console is set to, and
/// each line written at once, so that a reader sees it before the process does anything else.
/// </summary>
internal static class Output
{
    private const int LineLength = 64;

    private static readonly UTF8Encoding s_encoding = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly Stream s_out = Console.OpenStandardOutput();
    private static readonly Stream s_error = Console.OpenStandardError();

    public static void Line(string text) => Text(text + Environment.NewLine);

    public static void Text(string text) => Bytes(s_encoding.GetBytes(text));

    public static void Bytes(ReadOnlySpan<byte> bytes) => Write(s_out, bytes);

    public static void Error(string text) => Write(s_error, s_encoding.GetBytes(text + Environment.NewLine));

    public static void Lines(ReadOnlySpan<string> lines)
    {
        foreach (string line in lines)
        {
            Line(line);
        }
    }

    public static void ErrorLines(ReadOnlySpan<string> lines)
    {
        foreach (string line in lines)
        {
            Error(line);
        }
    }

    public static void Numbers(int count)
    {
        for (int number = 1; number <= count; number++)
        {
            Line(number.ToString(CultureInfo.InvariantCulture));
        }
    }

    public static void Json(ReadOnlySpan<string> values)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            foreach (string value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        Bytes(buffer.ToArray());
        Line(string.Empty);
    }

    /// <summary>Fills both pipes at the same time: a reader that drains one after the other deadlocks.</summary>
    public static void Both(int count)
    {
        Thread other = new(() => Fill(s_error, 'e', count));
        other.Start();
        Fill(s_out, 'o', count);
        other.Join();
    }

    /// <summary>Copies standard input to standard output.</summary>
    /// <returns>The number of bytes.</returns>
    public static long CopyInput()
    {
        using Stream input = Console.OpenStandardInput();
        byte[] buffer = new byte[8192];
        long total = 0;
        int read;
        while ((read = input.Read(buffer)) > 0)
        {
            Bytes(buffer.AsSpan(0, read));
            total += read;
        }

        return total;
    }

    private static void Fill(Stream stream, char letter, int count)
    {
        byte[] line = new byte[LineLength];
        line.AsSpan().Fill((byte)letter);
        line[^1] = (byte)'\n';
        for (int left = count; left > 0; left -= LineLength)
        {
            Write(stream, line.AsSpan(LineLength - Math.Min(left, LineLength)));
        }
    }

    private static void Write(Stream stream, ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        stream.Flush();
    }
}
