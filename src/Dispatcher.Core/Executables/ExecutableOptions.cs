using System.Collections.Generic;
using System.Text;

namespace Dispatching;

/// <summary>Settings of an <see cref="ExecutableTask"/> that all tasks of one call share. Immutable.</summary>
public sealed class ExecutableOptions
{
    private readonly Encoding _encoding = TextEncoding.Utf8;
    private EnvironmentBlock? _block;

    /// <summary>The folder it runs in; that of this process where <see langword="null"/> (the default).</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Variables added to the inherited environment, which is that of this process when the first task with these
    /// options is made; a <see langword="null"/> value removes one. None by default. A name that is empty or holds '=', and
    /// a null character in a name or value, are an <see cref="System.ArgumentException"/> when that task is made.
    /// </summary>
    public IReadOnlyCollection<KeyValuePair<string, string?>>? Environment { get; init; }

    /// <summary>The exit codes that mean success; 0 alone by default.</summary>
    public IReadOnlyCollection<int> SuccessExitCodes { get; init; } = [0];

    /// <summary>
    /// How its standard output and standard error are read; UTF-8 by default. Invalid bytes are replaced, whatever the
    /// fallback of the encoding, and a byte order mark at the start is dropped.
    /// </summary>
    public Encoding Encoding
    {
        get => _encoding;
        init => _encoding = TextEncoding.Lenient(Require.NotNull(value, nameof(Encoding)));
    }

    /// <summary>What becomes of its standard output, unless that goes to a file; lines by default.</summary>
    public ExecutableOutput Output { get; init; } = ExecutableOutput.Lines;

    /// <summary>Whether files that it writes to are added to, and not replaced; <see langword="false"/> by default.</summary>
    public bool Append { get; init; }

    /// <summary>
    /// Whether lines of its standard error are also errors of the task, at once; <see langword="false"/> by default. That
    /// alone does not make the task <see cref="TaskState.Failed"/>.
    /// </summary>
    public bool StandardErrorIsError { get; init; }

    /// <summary>
    /// Whether what it has left running is kept when it has ended by itself; <see langword="false"/> by default. When the
    /// task is stopped or reaches its limit, the whole tree ends in any case.
    /// </summary>
    public bool KeepChildren { get; init; }

    /// <summary>The environment, taken once.</summary>
    internal EnvironmentBlock Block => _block ??= EnvironmentBlock.Create(Environment);
}
