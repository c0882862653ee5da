using System.Linq;
using System.Threading;

namespace Dispatching;

/// <summary>What one task has to do with the journal of its dispatcher.</summary>
internal sealed class JournaledTask
{
    private readonly TaskJournal _journal;
    private OutputBuffer? _output;
    private int _isTaken;

    internal JournaledTask(TaskJournal journal, string key)
    {
        _journal = journal;
        Key = key;
    }

    internal string Key { get; }

    /// <summary>Which of the tasks with this key it is. Set under the scheduler's lock.</summary>
    internal int Occurrence { get; private set; }

    /// <summary>What is there of a run before, in which it completed; <see langword="null"/> for one that runs.</summary>
    internal RecordedOutput? Recorded { get; private set; }

    /// <summary>What the current attempt has written, for the journal.</summary>
    internal OutputBuffer? Output => Volatile.Read(ref _output);

    /// <summary>Finds out whether it completed before. Under the scheduler's lock.</summary>
    internal bool IsRecorded() => _journal.Find(Key, out _) is not null;

    /// <summary>It was accepted. Under the scheduler's lock.</summary>
    internal void SetSent()
    {
        Recorded = _journal.Find(Key, out int occurrence);
        Occurrence = occurrence;
        _journal.SetSent(Key, occurrence);
    }

    /// <summary>An attempt begins.</summary>
    internal void BeginAttempt() => Volatile.Write(ref _output, null);

    /// <summary>The current attempt has written something.</summary>
    internal void Add(object? value)
    {
        OutputBuffer? output = Output;
        if (output is null)
        {
            output = _journal.CreateBuffer();
            output = Interlocked.CompareExchange(ref _output, output, null) ?? output;
        }

        output?.Add(value);
    }

    /// <inheritdoc cref="TaskJournal.Record"/>
    internal JournalException? Record(TaskContext attempt) => _journal.Record(attempt, this);

    /// <summary>What it wrote in the run in which it completed, from a record on.</summary>
    internal TaskRecord[] Receive(DispatchTask task, int start, bool takes)
    {
        if (Recorded is not { } recorded || Volatile.Read(ref _isTaken) != 0 || (takes && Interlocked.Exchange(ref _isTaken, 1) != 0))
        {
            return [];
        }

        TaskRecord[] records = _journal.ReadOutput(task, recorded);
        return start == 0 ? records : [.. records.Skip(start)];
    }
}
