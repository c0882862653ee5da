using System;

namespace Dispatching;

/// <summary>What one task has to do with the journal of its dispatcher.</summary>
internal abstract class JournaledTask
{
    private protected JournaledTask(string key) => Key = WellFormed.Escape(key);

    internal string Key { get; }

    /// <summary>Whether it completed in a run before, and does not run in this one.</summary>
    internal abstract bool IsSkipped { get; }

    /// <summary>The exit code that it had then, if any.</summary>
    internal abstract int? RecordedExitCode { get; }

    /// <summary>Finds out whether it completed before. Under the scheduler's lock, as what follows in the same section.</summary>
    internal abstract bool Find();

    /// <summary>It was accepted, as what <see cref="Find"/> has found.</summary>
    internal abstract void SetSent();

    /// <summary>An attempt begins.</summary>
    internal abstract void BeginAttempt();

    /// <summary>The current attempt has written something to the output.</summary>
    internal abstract void Add(object? value);

    /// <summary>The body has ended well, and the attempt has not: what it wrote becomes text, in the time that the attempt has.</summary>
    internal abstract void CompleteOutput();

    /// <summary>Whether it wrote an error then.</summary>
    internal abstract bool RecordedHadErrors { get; }

    /// <summary>Records an attempt whose body has ended well, before its task is reported.</summary>
    /// <returns>Why that was not possible; <see langword="null"/> if it was.</returns>
    internal abstract Exception? Record(TaskContext attempt);

    /// <summary>What it wrote in the run in which it completed, from a record on.</summary>
    internal abstract TaskRecord[] Receive(DispatchTask task, int start, bool takes);
}
