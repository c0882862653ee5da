using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Dispatching;

/// <summary>
/// A task: what to do, and what became of it. Made by the caller, sent once to one dispatcher, and followed from there.
/// All members are safe to call from any thread.
/// </summary>
public partial class DispatchTask
{
    // Locks on the logs. Shared, since a lock of its own would cost each pending task a word and an object.
    // Only every fourth is used: neighbours would share a cache line, and workers with neighbouring tasks that line.
    private static readonly object[] s_logLocks = Enumerable.Range(0, 4 * 64).Select(_ => new object()).ToArray();
    private static long s_lastId;

    private TaskRecord[]? _records;
    private int _recordCount;
    private StandardErrorLog? _standardError;
    private object? _listeners;
    private TaskContext? _context;
    private Dispatcher? _dispatcher;
    private int _state;
    private int _exitCode;
    private volatile bool _hasExitCode;
    private volatile bool _hadErrors;
    private bool _isUnannounced;
    private bool _isErrorUnrecorded;

    /// <summary>Creates a task that no dispatcher has accepted yet.</summary>
    /// <param name="body">What it does.</param>
    /// <param name="options">Its settings; <see cref="TaskOptions.Default"/> where <see langword="null"/>.</param>
    /// <param name="inputObject">What it works on.</param>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> is <see langword="null"/>.</exception>
    public DispatchTask(IDispatchable body, TaskOptions? options = null, object? inputObject = null)
    {
        Body = Require.NotNull(body, nameof(body));
        Options = options ?? TaskOptions.Default;
        InputObject = inputObject;
        Id = Interlocked.Increment(ref s_lastId);
    }

    /// <summary>A number that no other task of this process has.</summary>
    public long Id { get; }

    /// <summary>Its name; "Task" and <see cref="Id"/> where it was given none.</summary>
    public string Name => Options.Name ?? "Task" + Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Where it is in its life.</summary>
    public TaskState State => (TaskState)Volatile.Read(ref _state);

    /// <summary>What it works on.</summary>
    public object? InputObject { get; }

    /// <summary>The error that ended it, or ended its last attempt; <see langword="null"/> if there was none.</summary>
    public Exception? Exception { get; private set; }

    /// <summary>The exit code of an executable, or of a script block that called <c>exit</c>.</summary>
    public int? ExitCode => _hasExitCode ? _exitCode : null;

    /// <summary>Whether it wrote an error or was ended by one.</summary>
    public bool HadErrors => _hadErrors;

    /// <summary>How many attempts there were, the running one included.</summary>
    public int Attempt { get; internal set; }

    /// <summary>
    /// How long an attempt may run; <see cref="Timeout.InfiniteTimeSpan"/> for no limit. Until the task has started,
    /// and where it sets none itself, the limit of its dispatcher.
    /// </summary>
    public TimeSpan Timeout => Limit ?? Options.Timeout ?? Dispatcher?.TaskTimeout ?? Dispatching.Dispatcher.DefaultTaskTimeout;

    /// <summary>When a dispatcher accepted it.</summary>
    public DateTimeOffset? QueuedAt => ToDate(QueuedTimestamp);

    /// <summary>When its last attempt started.</summary>
    public DateTimeOffset? StartedAt => ToDate(StartedTimestamp);

    /// <summary>When it reached its final state.</summary>
    public DateTimeOffset? EndedAt => ToDate(EndedTimestamp);

    /// <summary>How long it waited: until it started, was stopped, or until now.</summary>
    public TimeSpan? WaitTime => Between(QueuedTimestamp, StartedTimestamp != 0 ? StartedTimestamp : EndedTimestamp);

    /// <summary>How long its last attempt has run, until now or until the task ended.</summary>
    public TimeSpan? Duration => Between(StartedTimestamp, EndedTimestamp);

    /// <summary>The number of the worker that ran it last; <see langword="null"/> if none has.</summary>
    public int? Worker { get; internal set; }

    /// <summary>The dispatcher that accepted it.</summary>
    public Dispatcher? Dispatcher => Volatile.Read(ref _dispatcher);

    /// <summary>
    /// Why it has not started, while it is <see cref="TaskState.Pending"/>: "NotStarted" (its dispatcher does not run),
    /// "Retry" (it waits for its next attempt) or "Queued" (it waits for a worker); otherwise <see langword="null"/>.
    /// Later versions may have other reasons, and may add words to one.
    /// </summary>
    public string? PendingReason => State == TaskState.Pending ? Dispatcher?.GetPendingReason(this) : null;

    /// <summary>Whether its state is final.</summary>
    public bool IsEnded => State >= TaskState.Completed;

    /// <summary>What it does.</summary>
    internal IDispatchable Body { get; }

    internal TaskOptions Options { get; }

    // The three below belong to the TaskList that holds the task.
    internal TaskList? List { get; set; }

    internal DispatchTask? Next { get; set; }

    internal DispatchTask? Previous { get; set; }

    /// <summary>When the next attempt is due, while the task is in a <see cref="DelayedTasks"/>.</summary>
    internal long DueAt { get; set; }

    /// <summary>Whether somebody stopped it while it ran, so that no retry may follow. Under the scheduler's lock.</summary>
    internal bool IsLastAttempt { get; set; }

    internal long QueuedTimestamp { get; set; }

    internal long StartedTimestamp { get; set; }

    internal long EndedTimestamp { get; set; }

    /// <summary>The limit of the last attempt that started.</summary>
    internal TimeSpan? Limit { get; set; }

    internal TaskContext? Context => Volatile.Read(ref _context);

    private object LogLock => s_logLocks[(Id * 4) & (s_logLocks.Length - 1)];

    /// <summary>
    /// Stops the task: a pending one at once, a running one by asking and, after the dispatcher's
    /// <see cref="Dispatcher.StopGrace"/>, by force. Returns without waiting for that.
    /// </summary>
    /// <returns><see langword="false"/> when its state was final already, or no dispatcher has it.</returns>
    public bool Stop() => Dispatcher?.StopTask(this) ?? false;

    /// <summary>Blocks until the task's state is final.</summary>
    /// <param name="timeout">How long to wait at most; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait, not the task.</param>
    /// <returns>Whether the state is final.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var watch = new TaskWaiter();
        watch.Add(this);
        return watch.WaitAll(timeout, cancellationToken);
    }

    /// <summary>Returns a <see cref="Task"/> that completes, never faulted, when the state is final.</summary>
    public Task WaitAsync()
    {
        var listener = new CompletionListener();
        Subscribe(listener);
        return listener.Completion;
    }

    /// <summary>
    /// Returns the lines of an executable's standard error, those of all attempts. It is a log, which receiving the task
    /// leaves as it is; of very much (8 million characters) only the last is kept, and the first line says so.
    /// </summary>
    public string[] GetStandardError()
    {
        lock (LogLock)
        {
            return _standardError?.ToArray() ?? [];
        }
    }

    /// <summary>Returns what the task has written so far, in order.</summary>
    public TaskRecord[] GetRecords() => GetRecords(0);

    /// <summary>Returns what the task has written after so many records, in order.</summary>
    internal TaskRecord[] GetRecords(int start)
    {
        TaskRecord[] copy;
        int forgottenIn;
        lock (LogLock)
        {
            copy = CopyRecords(start);
            forgottenIn = SetReceived();
        }

        NoteReceived(forgottenIn);
        return copy;
    }

    /// <summary>Returns what the task has written so far, in order, and forgets it.</summary>
    public TaskRecord[] TakeRecords()
    {
        TaskRecord[] records;
        int forgottenIn;
        lock (LogLock)
        {
            // Most tasks write one object, for which the array was made: it changes hands, and no copy is made.
            records = _records is not null && _recordCount == _records.Length && !_isErrorUnrecorded ? _records : CopyRecords(0);
            _records = null;
            _recordCount = 0;
            _isErrorUnrecorded = false;
            _textSize = 0;
            forgottenIn = SetReceived();
        }

        NoteReceived(forgottenIn);
        return records;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal bool HasRecords => Volatile.Read(ref _recordCount) > 0 || Volatile.Read(ref _isErrorUnrecorded);

    /// <summary>Follows the task. One that has ended already tells the listener so at once.</summary>
    internal void Subscribe(ITaskListener listener)
    {
        lock (LogLock)
        {
            if (!IsEnded)
            {
                _listeners = _listeners switch
                {
                    null => listener,
                    ITaskListener first => new[] { first, listener },
                    ITaskListener[] some => some.Append(listener).ToArray(),
                    _ => throw new InvalidOperationException(),
                };
                return;
            }
        }

        listener.OnEnded(this);
    }

    internal void Unsubscribe(ITaskListener listener)
    {
        lock (LogLock)
        {
            if (IsEnded)
            {
                return; // Told, or about to be, and forgotten then.
            }

            _listeners = _listeners switch
            {
                ITaskListener[] some => Array.FindAll(some, other => !ReferenceEquals(other, listener)),
                ITaskListener one when ReferenceEquals(one, listener) => null,
                object others => others,
                null => null,
            };
        }
    }

    internal bool Append(TaskContext context, TaskRecord record)
    {
        object? listeners;
        bool isFirst;
        bool isLarge;
        lock (LogLock)
        {
            if (!ReferenceEquals(_context, context))
            {
                return false;
            }

            if (record.Kind == RecordKind.StandardError)
            {
                (_standardError ??= new StandardErrorLog()).Add(record.Value?.ToString() ?? string.Empty);
                return true;
            }

            isFirst = _recordCount == 0 || _isUnannounced;
            _isUnannounced = false;
            Add(record);
            isLarge = TrySetLarge();
            listeners = _listeners;
        }

        if (isLarge)
        {
            Dispatcher?.OnLargeOutput(this);
        }

        if (listeners is ITaskListener one)
        {
            NotifyRecord(one, isFirst);
        }
        else if (listeners is ITaskListener[] some)
        {
            Array.ForEach(some, listener => NotifyRecord(listener, isFirst));
        }

        return true;
    }

    internal void SetExitCode(int exitCode)
    {
        _exitCode = exitCode;
        _hasExitCode = true;
    }

    /// <summary>Gives the task to a dispatcher, unless one has it.</summary>
    internal bool TryAssign(Dispatcher dispatcher) => Interlocked.CompareExchange(ref _dispatcher, dispatcher, null) is null;

    internal void SetPending() => Volatile.Write(ref _state, (int)TaskState.Pending);

    internal void SetRunning(TaskContext context)
    {
        Volatile.Write(ref _context, context);
        _hasExitCode = false;
        Exception = null;
        Volatile.Write(ref _state, (int)TaskState.Running);
    }

    /// <summary>Closes an attempt after which there will be another.</summary>
    internal void EndAttempt(Exception error, TaskRecord notice)
    {
        InterruptSafe.Enter(LogLock);
        try
        {
            Add(notice);
            Exception = error;
            _hadErrors = true;
            _isUnannounced = true; // Nobody is told under the scheduler's lock; the next record does it.
            _context = null;
            Volatile.Write(ref _state, (int)TaskState.Pending);
        }
        finally
        {
            Monitor.Exit(LogLock);
        }
    }

    /// <summary>Sets the final state. From here on nothing changes; <see cref="NotifyEnded"/> has to follow.</summary>
    internal void SetEnded(TaskState state, Exception? error)
    {
        InterruptSafe.Enter(LogLock);
        try
        {
            Exception = error;
            if (error is not null && !TryAdd(new TaskRecord(RecordKind.Error, error)))
            {
                // No room for it beside what the task has written. Whoever reads that is given it all the same.
                _isErrorUnrecorded = true;
            }

            _hadErrors |= state is TaskState.Failed or TaskState.TimedOut;
            _context = null;
            Volatile.Write(ref _state, (int)state);
        }
        finally
        {
            Monitor.Exit(LogLock);
        }
    }

    internal void NotifyEnded()
    {
        // No lock: once the state is final, nobody else touches them.
        object? listeners = _listeners;
        _listeners = null;
        if (listeners is ITaskListener one)
        {
            Tell(one);
        }
        else if (listeners is ITaskListener[] some)
        {
            foreach (ITaskListener listener in some)
            {
                Tell(listener);
            }
        }
    }

    /// <summary>Forgets what it has written, where this attempt is still the current one.</summary>
    internal void DropRecords(TaskContext context)
    {
        lock (LogLock)
        {
            if (ReferenceEquals(_context, context))
            {
                _records = null;
                _recordCount = 0;
                _textSize = 0;
            }
        }
    }

    private TaskRecord[] CopyRecords(int start)
    {
        int count = _recordCount + (_isErrorUnrecorded ? 1 : 0);
        if (count <= start)
        {
            return [];
        }

        var copy = new TaskRecord[count - start];
        if (_records is not null && _recordCount > start)
        {
            Array.Copy(_records, start, copy, 0, _recordCount - start);
        }

        if (_isErrorUnrecorded)
        {
            copy[copy.Length - 1] = new TaskRecord(RecordKind.Error, Exception);
        }

        return copy;
    }

    private void Tell(ITaskListener listener)
    {
        try
        {
            listener.OnEnded(this);
        }
        catch (OutOfMemoryException)
        {
            // The others have to be told all the same.
        }
    }

    private bool TryAdd(TaskRecord record)
    {
        try
        {
            Add(record);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private void NotifyRecord(ITaskListener listener, bool isFirst)
    {
        if (isFirst || listener.WantsEachRecord)
        {
            listener.OnRecord(this);
        }
    }

    private void Add(TaskRecord record)
    {
        if (_records is null)
        {
            _records = new TaskRecord[1];
        }
        else if (_recordCount == _records.Length)
        {
            Array.Resize(ref _records, _recordCount * 2);
        }

        _records[_recordCount++] = record;
        _hadErrors |= record.Kind == RecordKind.Error;
        Count(record);
    }

    private DateTimeOffset? ToDate(long timestamp) =>
        timestamp == 0 || Dispatcher is not { } dispatcher ? null : dispatcher.Clock.ToDateTime(timestamp);

    private TimeSpan? Between(long start, long end)
    {
        if (start == 0 || Dispatcher is not { } dispatcher)
        {
            return null;
        }

        return TimeSpan.FromTicks(Math.Max(0, (end != 0 ? end : dispatcher.Clock.GetTimestamp()) - start));
    }
}
