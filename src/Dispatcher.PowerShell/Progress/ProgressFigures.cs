namespace Dispatching.PowerShell;

/// <summary>What a progress bar shows.</summary>
/// <param name="Status">The line of text.</param>
/// <param name="Percent">0 to 100; -1 for no bar.</param>
/// <param name="SecondsLeft">0 or more; -1 where it cannot be estimated.</param>
internal sealed record ProgressFigures(string Status, int Percent, int SecondsLeft);
