using System;

namespace Dispatching.PowerShell.Tests;

/// <summary>An example of the help.</summary>
/// <param name="Cmdlet">Whose it is.</param>
/// <param name="Number">Which one of the cmdlet's, from 1.</param>
/// <param name="Code">Its commands.</param>
/// <param name="OutputText">What it prints, with the mark before it; <see langword="null"/> if the help does not show that.</param>
public sealed record HelpExample(string Cmdlet, int Number, string Code, string? OutputText)
{
    /// <summary>How the paragraph begins that shows what an example prints.</summary>
    internal const string OutputMark = "Output:\n";

    /// <summary>The lines that it prints; <see langword="null"/> if the help does not show them.</summary>
    public string[]? Output => OutputText?[OutputMark.Length..].Split('\n');

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Cmdlet}, example {Number}");
}
