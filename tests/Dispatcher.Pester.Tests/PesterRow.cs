namespace Dispatching.Pester;

/// <summary>What Invoke-Suite.ps1 writes of a test.</summary>
/// <param name="Name">The names of its blocks and its own, with dots between.</param>
/// <param name="File">Where it stands.</param>
/// <param name="Line">Where in the file, from 1.</param>
/// <param name="Outcome">Passed, Failed, Skipped, Inconclusive or NotRun.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Message">Its errors, or why it was skipped; empty for none.</param>
internal sealed record PesterRow(string Name, string? File, int Line, string Outcome, double Seconds, string Message);
