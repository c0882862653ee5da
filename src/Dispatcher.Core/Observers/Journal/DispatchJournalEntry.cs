using System;

namespace Dispatching;

/// <summary>What a journal tells of one task: the last that was recorded under its key.</summary>
public sealed class DispatchJournalEntry
{
    internal DispatchJournalEntry(string path, string key)
    {
        Path = path;
        Key = key;
    }

    /// <summary>The folder of the journal.</summary>
    public string Path { get; }

    /// <summary>Who the task is: the same key in another run is the same task.</summary>
    public string Key { get; }

    /// <summary>Which of several equal keys of one run it is, in the order in which they were sent; 1 for the first.</summary>
    public int Occurrence { get; internal set; } = 1;

    /// <summary>Its final state. One that has completed is skipped by the next run.</summary>
    public TaskState State { get; internal set; }

    /// <summary>Its name.</summary>
    public string? Name { get; internal set; }

    /// <summary>How many attempts there were.</summary>
    public int Attempt { get; internal set; }

    /// <summary>When its last attempt started; <see langword="null"/> if none did.</summary>
    public DateTimeOffset? StartedAt { get; internal set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>How long its last attempt took.</summary>
    public TimeSpan? Duration => EndedAt - StartedAt;

    /// <summary>The exit code of an executable, or of a script block that called <c>exit</c>.</summary>
    public int? ExitCode { get; internal set; }

    /// <summary>Whether it wrote an error or was ended by one.</summary>
    public bool HadErrors { get; internal set; }

    /// <summary>The first error that it wrote, or that ended it.</summary>
    public string? FirstError { get; internal set; }

    /// <summary>What it worked on; <see langword="null"/> unless <see cref="DispatcherOptions.LogInput"/> was <see cref="LogInput.Text"/>.</summary>
    public string? Item { get; internal set; }

    /// <summary>Whether its output is kept, be it empty.</summary>
    public bool HasOutput { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() => Key;
}
