using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;

namespace Dispatching;

/// <summary>
/// The journal of a dispatcher: it records each task that has a key and has ended, and knows which had completed in runs
/// before. A task that completes is recorded on the thread of its worker, before anybody hears that it has ended; the
/// others by a thread of the journal's own. Safe to use from any thread.
/// </summary>
/// <remarks>
/// What was recorded outlives the process, however that ends. The system is asked once a second to write it to the disk,
/// so a power cut takes what was recorded in the last second at most.
/// </remarks>
internal sealed class TaskJournal : ITaskObserver, IDisposable
{
    private const int LinesPerDelivery = 256;

    private static readonly TimeSpan s_flushInterval = TimeSpan.FromSeconds(1);

    private readonly JournalSettings _settings;
    private readonly JournalLock _lock;
    private readonly JournalFile _file;
    private readonly JournalIndex _index;
    private readonly JournalOutputs _outputs;
    private readonly ITaskOwner _owner;
    private readonly BackgroundQueue<DispatchTask> _unfinished;
    private readonly BackgroundQueue<bool> _flushes;
    private readonly ManualResetEventSlim _closing = new();
    private readonly List<string> _notices;
    private int _flushIsDue;
    private int _isClosed;
    private long _omittedCount;
    private volatile string? _failure;

    /// <summary>Opens the journal, and makes it where it is not there.</summary>
    /// <exception cref="JournalException">It cannot be used.</exception>
    internal TaskJournal(ITaskOwner owner, JournalSettings settings)
    {
        _owner = owner;
        _settings = settings;
        _outputs = new JournalOutputs(settings.Folder, settings.Serializer);
        _unfinished = new BackgroundQueue<DispatchTask>(owner.Clock, owner.Name + " journal", LinesPerDelivery, Write);
        _flushes = new BackgroundQueue<bool>(owner.Clock, owner.Name + " journal flush", 1, _ => Flush());
        try
        {
            Folders.Create(settings.Folder);
            _lock = JournalLock.Take(settings.Folder, "dispatcher '" + owner.Name + "'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Unusable(settings.Folder, e);
        }

        try
        {
            (_file, _index, _notices) = JournalOpening.Open(settings.Folder, owner.Clock);
        }
        catch (Exception e)
        {
            _lock.Dispose();
            throw e is IOException or UnauthorizedAccessException ? Unusable(settings.Folder, e) : e;
        }
    }

    /// <summary>The full path of its folder.</summary>
    internal string Folder => _settings.Folder;

    /// <inheritdoc/>
    public bool IsListening => true;

    /// <summary>A sentence about outputs that were asked for and that no run has kept, if there were any since the last one.</summary>
    internal string? TakeOmittedWarning() => Interlocked.Exchange(ref _omittedCount, 0) is > 0 and var count
        ? string.Format(CultureInfo.CurrentCulture, "The journal '{0}' has no output of {1} of the tasks that were skipped: they ran with -JournalOutput None, or it could not be kept then. To run a task again, remove its entry with Remove-DispatchJournalEntry.", Folder, count)
        : null;

    /// <summary>Sentences about what was damaged or lost when it was opened: once.</summary>
    internal string[] TakeNotices()
    {
        lock (_notices)
        {
            string[] notices = [.. _notices];
            _notices.Clear();
            return notices;
        }
    }

    /// <summary>What a new task with this key has to do with it.</summary>
    internal JournaledTask CreateTask(string key) => new RecordedTask(this, key);

    /// <summary>Finds out whether the next task of a key has completed in a run before. Under the lock of the one scheduler that it belongs to.</summary>
    internal RecordedOutput? Find(string key, out int occurrence)
    {
        occurrence = _index.GetNextOccurrence(key);
        return _index.Find(key, occurrence);
    }

    /// <summary>A task was accepted. Under the lock of the scheduler.</summary>
    internal void SetSent(string key, int occurrence) => _index.SetSent(key, occurrence);

    /// <summary>What collects the output of an attempt; <see langword="null"/> where none is kept.</summary>
    internal OutputBuffer? CreateBuffer() => _settings.Output == JournalOutput.None ? null : new OutputBuffer(_settings.Serializer, _settings.OutputLimit);

    /// <summary>Records an attempt whose body has ended well, before its task is reported.</summary>
    /// <returns>Why that was not possible; <see langword="null"/> if it was.</returns>
    internal JournalException? Record(TaskContext attempt, RecordedTask task)
    {
        if (_failure is { } failure)
        {
            return Unrecorded(attempt.Task, failure, inner: null);
        }

        try
        {
            string? output = task.Output is { } buffer ? buffer.Text : _settings.Output == JournalOutput.Full ? string.Empty : null;
            if (task.Output?.Omission is { } omission)
            {
                attempt.Write(RecordKind.Warning, "The journal does not keep the output of task '" + attempt.Task.Name + "': " + omission.TrimEnd('.') + ". A run that skips it will not have it.");
            }

            Write(CreateEntry(attempt.Task, task, TaskState.Completed, _owner.Clock.ToDateTime(_owner.Clock.GetTimestamp())), output);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException)
        {
            return Unrecorded(attempt.Task, e.Message, e);
        }
    }

    /// <summary>Reads what a task wrote in the run in which it completed.</summary>
    internal TaskRecord[] ReadOutput(DispatchTask task, RecordedOutput recorded)
    {
        if (!recorded.IsKept)
        {
            if (_settings.Output == JournalOutput.Full)
            {
                Interlocked.Increment(ref _omittedCount);
            }

            return [];
        }

        if (_settings.Output == JournalOutput.None)
        {
            return [];
        }

        try
        {
            return [.. _outputs.Read(recorded).Select(value => new TaskRecord(RecordKind.Output, value))];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return [new TaskRecord(RecordKind.Error, new JournalException(
                "The output of task '" + task.Name + "' in the journal '" + Folder + "' cannot be read: " + e.Message + " To run the task again, remove its entry with Remove-DispatchJournalEntry.", e))];
        }
    }

    /// <inheritdoc/>
    public void OnSending(DispatchTask task)
    {
        if (_settings.HasItems && task.Options.Key is not null)
        {
            task.NoteInput(LogInput.Text);
        }
    }

    /// <inheritdoc/>
    public void OnTransition(DispatchTask task, TaskTransition transition)
    {
        if (transition == TaskTransition.Ended && task.State != TaskState.Completed && task.Options.Key is not null)
        {
            _unfinished.Post(task);
        }
    }

    /// <inheritdoc/>
    public void OnLost()
    {
        // Then there is no entry, and the task runs again as it would with one.
    }

    /// <inheritdoc/>
    public void StartThread() => _unfinished.Start();

    /// <summary>Waits until all that has ended is recorded.</summary>
    internal bool Flush(TimeSpan timeout, CancellationToken cancellationToken = default) => _unfinished.Flush(timeout, cancellationToken);

    /// <summary>From now on nothing is started: it is closed once what runs has ended.</summary>
    internal void SetClosing() => _lock.IsClosing = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        _lock.IsClosing = true;
        _unfinished.Flush(s_flushInterval);
        _closing.Set();
        try
        {
            _file.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The system has it, and is about to write it in its own time.
        }

        _file.Dispose();
        _outputs.Dispose();
        _lock.Dispose();
    }

    private static JournalException Unusable(string folder, Exception e) => new(
        "The journal '" + folder + "' cannot be used, and must be a folder that can be written: " + (File.Exists(folder) ? "that is a file, not a folder." : PathObstacle.Describe(Path.Combine(folder, JournalFile.Name)) ?? e.Message), e);

    private JournalException Unrecorded(DispatchTask task, string reason, Exception? inner) => new(
        "Task '" + task.Name + "' has run, and could not be recorded in the journal '" + Folder + "': " + reason.TrimEnd('.') + ". It runs again in the next run.", inner);

    private DispatchJournalEntry CreateEntry(DispatchTask task, RecordedTask journaled, TaskState state, DateTimeOffset? endedAt) => new(Folder, journaled.Key)
    {
        Occurrence = journaled.Occurrence,
        State = state,
        Name = task.Name,
        Attempt = task.Attempt,
        StartedAt = task.StartedAt,
        EndedAt = endedAt,
        ExitCode = task.ExitCode,
        HadErrors = task.HadErrors,
        FirstError = task.DescribeFirstError(),
        Item = _settings.HasItems ? task.LoggedInput : null,
    };

    private void Write(DispatchJournalEntry entry, string? output)
    {
        string? file = output is { Length: > JournalOutputs.LongestInLine } ? _outputs.Write(output) : null;
        _file.Append(JournalLine.Create(entry, file is null ? output : null, file));
        if (Interlocked.Exchange(ref _flushIsDue, 1) == 0)
        {
            _flushes.Post(true);
            _flushes.Start();
        }
    }

    /// <summary>Records tasks that ended otherwise than by completing. Where that fails, they run again as they would with it.</summary>
    private void Write(List<DispatchTask> tasks)
    {
        foreach (DispatchTask task in tasks)
        {
            if (task.Conditions?.Journal is RecordedTask journaled)
            {
                Write(CreateEntry(task, journaled, task.State, task.EndedAt), output: null);
            }
        }
    }

    private void Flush()
    {
        _closing.Wait(s_flushInterval);
        Volatile.Write(ref _flushIsDue, 0);
        if (_closing.IsSet)
        {
            return;
        }

        try
        {
            _file.Flush();

            // What is written to a file that was deleted is nowhere.
            if (!File.Exists(Path.Combine(Folder, JournalFile.Name)))
            {
                _failure = "it was deleted or moved while it was in use";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was recorded lately may not reach the disk.
            _failure = e.Message;
        }
        catch (ObjectDisposedException)
        {
            // Whoever has closed it has written it.
        }
    }
}
