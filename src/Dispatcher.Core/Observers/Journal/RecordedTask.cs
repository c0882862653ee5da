using System;
using System.Linq;
using System.Threading;

namespace Dispatching;

/// <summary>A task that a journal records, or has recorded.</summary>
internal sealed class RecordedTask : JournaledTask
{
    private readonly TaskJournal _journal;
    private RecordedOutput? _recorded;
    private OutputBuffer? _output;
    private int _isTaken;

    internal RecordedTask(TaskJournal journal, string key)
        : base(key) => _journal = journal;

    /// <summary>Which of the tasks with this key it is. Set under the scheduler's lock.</summary>
    internal int Occurrence { get; private set; }

    /// <summary>What the current attempt has written, for the journal.</summary>
    internal OutputBuffer? Output => Volatile.Read(ref _output);

    internal override bool IsSkipped => _recorded is not null;

    internal override int? RecordedExitCode => _recorded?.ExitCode;

    internal override bool RecordedHadErrors => _recorded?.HadErrors == true;

    internal override bool Find()
    {
        _recorded = _journal.Find(Key, out int occurrence);
        Occurrence = occurrence;
        return IsSkipped;
    }

    internal override void SetSent() => _journal.SetSent(Key, Occurrence);

    internal override void BeginAttempt() => Volatile.Write(ref _output, null);

    internal override void Add(object? value)
    {
        OutputBuffer? output = Output;
        if (output is null)
        {
            output = _journal.CreateBuffer();
            output = Interlocked.CompareExchange(ref _output, output, null) ?? output;
        }

        output?.Add(value);
    }

    internal override void CompleteOutput() => Output?.Complete();

    internal override Exception? Record(TaskContext attempt) => _journal.Record(attempt, this);

    internal override TaskRecord[] Receive(DispatchTask task, int start, bool takes)
    {
        if (_recorded is not { } recorded || Volatile.Read(ref _isTaken) != 0 || (takes && Interlocked.Exchange(ref _isTaken, 1) != 0))
        {
            return [];
        }

        TaskRecord[] records = _journal.ReadOutput(task, recorded);
        return start == 0 ? records : [.. records.Skip(start)];
    }
}
