namespace Dispatching;

/// <summary>Where the line of a task is in a journal, and what a run that skips the task needs of it.</summary>
internal sealed class RecordedOutput
{
    /// <summary>The key and the occurrence, as <see cref="JournalKey"/> makes them one.</summary>
    internal required string Id { get; init; }

    /// <summary>Where the line begins.</summary>
    internal long Offset { get; set; }

    /// <summary>How many bytes it has, its end included.</summary>
    internal int Length { get; init; }

    /// <summary>The file that has the output; <see langword="null"/> where the line itself has it, or nothing does.</summary>
    internal string? File { get; init; }

    /// <summary>Whether it was kept at all.</summary>
    internal bool IsKept { get; init; }

    internal int? ExitCode { get; init; }

    internal bool HadErrors { get; init; }
}
