using System.Collections.Generic;

namespace Dispatching;

/// <summary>All that is needed to start an executable once.</summary>
internal sealed class ProcessPlan
{
    internal ProcessPlan(string filePath, IReadOnlyList<string> arguments, ExecutableOptions options, string marker)
    {
        FilePath = filePath;
        Arguments = arguments;
        Options = options;
        Marker = marker;
    }

    internal string FilePath { get; }

    internal IReadOnlyList<string> Arguments { get; }

    internal ExecutableOptions Options { get; }

    /// <summary>A variable to set in its environment; see <see cref="ProcessTree"/>.</summary>
    internal string Marker { get; }

    /// <summary><see langword="null"/> for empty input.</summary>
    internal ExecutableInput? Input { get; init; }

    /// <summary>Whether its standard input stays open, for <see cref="ChildProcess.Input"/>, in place of <see cref="Input"/>.</summary>
    internal bool KeepsInput { get; init; }

    /// <summary>Where its standard output goes if not to <see cref="Output"/>.</summary>
    internal string? OutputFile { get; init; }

    /// <summary>Where its standard error goes if not to <see cref="Error"/>. May be the same file as <see cref="OutputFile"/>.</summary>
    internal string? ErrorFile { get; init; }

    internal IOutputSink? Output { get; init; }

    internal IOutputSink? Error { get; init; }
}
