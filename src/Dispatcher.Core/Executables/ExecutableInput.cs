using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Dispatching;

/// <summary>What an executable reads from its standard input. Immutable, so that many tasks can share an instance.</summary>
public sealed class ExecutableInput
{
    private ExecutableInput(byte[]? bytes, string? path)
    {
        Bytes = bytes;
        Path = path;
    }

    /// <summary>The bytes; <see langword="null"/> if it is a file.</summary>
    internal byte[]? Bytes { get; }

    /// <summary>The full path of the file; <see langword="null"/> if it is not one.</summary>
    internal string? Path { get; }

    /// <summary>Bytes, as they are. The array is not copied, and must not be changed.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="bytes"/> is <see langword="null"/>.</exception>
    public static ExecutableInput FromBytes(byte[] bytes) => new(Require.NotNull(bytes, nameof(bytes)), path: null);

    /// <summary>Text, with nothing added but the byte order mark of an encoding that has one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="encoding">How to encode it; UTF-8 without a byte order mark where <see langword="null"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <see langword="null"/>.</exception>
    public static ExecutableInput FromText(string text, Encoding? encoding = null)
    {
        Encoding encoder = TextEncoding.Lenient(encoding ?? TextEncoding.Utf8);
        byte[] mark = encoder.GetPreamble();
        byte[] bytes = encoder.GetBytes(Require.NotNull(text, nameof(text)));
        return new ExecutableInput(mark.Length == 0 ? bytes : [.. mark, .. bytes], path: null);
    }

    /// <summary>Lines, each with the line end of this system behind it.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="encoding">How to encode them; UTF-8 without a byte order mark where <see langword="null"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="lines"/> is <see langword="null"/>.</exception>
    public static ExecutableInput FromLines(IEnumerable<string> lines, Encoding? encoding = null) =>
        FromText(string.Concat(Require.NotNull(lines, nameof(lines)).Select(line => line + Environment.NewLine)), encoding);

    /// <summary>The content of a file, which is opened when the executable starts.</summary>
    /// <param name="path">Its path; a relative one starts in the current folder of this process.</param>
    /// <exception cref="ArgumentNullException"><paramref name="path"/> is <see langword="null"/>.</exception>
    public static ExecutableInput FromFile(string path) => new(bytes: null, System.IO.Path.GetFullPath(Require.NotNull(path, nameof(path))));
}
