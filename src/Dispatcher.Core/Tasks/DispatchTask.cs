using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

namespace Dispatching;

/// <summary>
/// A task: what to do, and what became of it. Made by the caller, sent once to one dispatcher, and followed from there.
/// All members are safe to call from any thread.
/// </summary>
public class DispatchTask
{
    private static long s_lastId;

    private TaskOutputState _output;
    private ITaskOwner? _owner;
    private long _startedTimeout;
    private int _exitCode;
    private int _priority;
    private int _worker;
    private volatile bool _hasExitCode;
    private bool _isInputNoted;

    /// <summary>Creates a task that no dispatcher has accepted yet.</summary>
    /// <param name="body">What it does.</param>
    /// <param name="options">Its settings; <see cref="TaskOptions.Default"/> where <see langword="null"/>.</param>
    /// <param name="inputObject">What it works on.</param>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> is <see langword="null"/>.</exception>
    public DispatchTask(IDispatchable body, TaskOptions? options = null, object? inputObject = null)
    {
        Body = Require.NotNull(body, nameof(body));
        Options = options ?? TaskOptions.Default;
        _priority = Options.Priority;
        InputObject = inputObject;
        Id = Interlocked.Increment(ref s_lastId);
    }

    /// <summary>A number that no other task of this process has.</summary>
    public long Id { get; }

    /// <summary>Its name; "Task" and <see cref="Id"/> where it was given none.</summary>
    public string Name => Options.Name ?? "Task" + Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Where it is in its life.</summary>
    public TaskState State => _output.State;

    /// <summary>What it works on.</summary>
    public object? InputObject { get; }

    /// <summary>
    /// Which pending task starts first: the one with the higher number, and of equals the one that was sent first. It can be
    /// set while the task is <see cref="TaskState.Pending"/>, and before it is sent; later it has no effect.
    /// </summary>
    public int Priority
    {
        get => Volatile.Read(ref _priority);
        set
        {
            if (Owner is { } owner)
            {
                owner.SetPriority(this, value);
            }
            else
            {
                _priority = value;
            }
        }
    }

    /// <summary>The group it belongs to; <see langword="null"/> for none.</summary>
    public string? Group => Options.Group;

    /// <summary>Who it is in the journal of its dispatcher; <see langword="null"/> for a task that the journal leaves out.</summary>
    public string? Key => Options.Key;

    /// <summary>Whether it completed in a run before, by the journal of its dispatcher, and has not run in this one.</summary>
    public bool FromJournal => Conditions?.Journal?.IsSkipped == true;

    /// <summary>The tasks that have to end before it starts.</summary>
    public System.Collections.Generic.IReadOnlyList<DispatchTask> DependsOn => Options.DependsOn;

    /// <summary>The error that ended it, or ended its last attempt; <see langword="null"/> if there was none.</summary>
    public Exception? Exception { get; private set; }

    /// <summary>The exit code of an executable, or of a script block that called <c>exit</c>.</summary>
    public int? ExitCode => _hasExitCode ? _exitCode : null;

    /// <summary>Whether it wrote an error or was ended by one.</summary>
    public bool HadErrors => _output.HadErrors || Conditions?.Journal?.RecordedHadErrors == true;

    /// <summary>
    /// What the first error says that it wrote, or that ended it; <see langword="null"/> if there was none. A task that has
    /// completed may have written errors all the same.
    /// </summary>
    public string? FirstError => _output.FirstError is { } error ? DescribeRecord(error) : Exception?.Message;

    /// <summary>When the next attempt may start, while it waits for its <see cref="TaskOptions.Delay"/> or for a retry; otherwise <see langword="null"/>.</summary>
    public DateTimeOffset? DueAt => State == TaskState.Pending && Conditions is { DueAt: > 0 and var due } ? ToDate(due) : null;

    /// <summary>How many attempts there were, the running one included.</summary>
    public int Attempt { get; internal set; }

    /// <summary>How long an attempt may run; infinite for no limit. Until the first starts, and where it sets none, the timeout of its dispatcher.</summary>
    public TimeSpan Timeout => StartedTimeout ?? Options.Timeout ?? Owner?.TaskTimeout ?? TaskOptions.DefaultTimeout;

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
    public int? Worker => _worker != 0 ? _worker : null;

    /// <summary>The machine that ran it last, or that it was sent to; <see langword="null"/> where it runs in this process, and before that.</summary>
    public string? ComputerName => (PendingSet as ISentSet)?.Runner.ComputerName ?? Conditions?.ComputerName;

    /// <summary>The dispatcher that accepted it.</summary>
    public Dispatcher? Dispatcher => (Dispatcher?)Owner?.Facade;

    /// <summary>
    /// Why it has not started, while it is <see cref="TaskState.Pending"/>: "NotStarted" (its dispatcher does not run),
    /// "Retry" (it waits for its next attempt) or "Queued" (it waits for a worker); that it was sent to another machine and has
    /// not started there yet, or that no session leads to the host it is pinned to; otherwise <see langword="null"/>.
    /// Later versions may have other reasons, and may add words to one.
    /// </summary>
    public string? PendingReason => State == TaskState.Pending ? Owner?.GetPendingReason(this) : null;

    /// <summary>Whether its state is final.</summary>
    public bool IsEnded => State >= TaskState.Completed;

    /// <summary>What it does.</summary>
    internal IDispatchable Body { get; }

    internal TaskOptions Options { get; }

    internal ITaskOwner? Owner => Volatile.Read(ref _owner);

    /// <summary>What holds it while it is pending. Guarded by the scheduler's lock.</summary>
    internal IPendingSet? PendingSet { get; set; }

    // Its neighbours in a TaskList. Once it has ended, Next is the next task whose listeners are to be told.
    internal DispatchTask? Next { get; set; }

    internal DispatchTask? Previous { get; set; }

    /// <summary>What beside the queue decides when it may start; <see langword="null"/> for a plain task. Guarded by the scheduler's lock.</summary>
    internal TaskConditions? Conditions { get; set; }

    /// <summary>Whether somebody stopped it while it ran, so that no retry may follow. Guarded by the scheduler's lock.</summary>
    internal bool IsLastAttempt { get; set; }

    /// <summary>How many of its attempts lost the host that they ran on, and so do not count for <see cref="TaskOptions.Retries"/>.</summary>
    internal int RequeueCount => Conditions?.RequeueCount ?? 0;

    /// <summary>How many attempts there were that count for <see cref="TaskOptions.Retries"/>, the running one included.</summary>
    internal int CountedAttempt => Attempt - RequeueCount;

    internal long QueuedTimestamp { get; set; }

    internal long StartedTimestamp { get; set; }

    internal long EndedTimestamp { get; set; }

    /// <summary>The timeout of the last attempt that started.</summary>
    internal TimeSpan? StartedTimeout => _startedTimeout != 0 ? TimeSpan.FromTicks(_startedTimeout) : null;

    internal TaskContext? Context => _output.Attempt;

    /// <summary>What logs tell of <see cref="InputObject"/>.</summary>
    internal string? LoggedInput { get; private set; }

    /// <summary>Whether somebody got it from what the dispatcher remembers, and may not hold all its tasks.</summary>
    internal bool WasLookedUp { get; set; }

    internal bool HasRecords => _output.HasRecords;

    /// <summary>Whether it has written something, progress apart, that nobody has looked at.</summary>
    internal bool HasUnreceived => _output.HasUnreceived;

    /// <summary>
    /// Stops the task: a pending one at once, a running one by asking and, after the dispatcher's
    /// <see cref="Dispatching.Dispatcher.StopGrace"/>, by force. Returns without waiting for that.
    /// </summary>
    /// <returns><see langword="false"/> when its state was final already, or no dispatcher has it.</returns>
    public bool Stop() => Owner?.Stop(this, onlyPending: false) ?? false;

    /// <summary>Stops the task unless it has started.</summary>
    internal bool StopPending() => Owner?.Stop(this, onlyPending: true) ?? false;

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
    public string[] GetStandardError() => _output.GetStandardError(Id);

    /// <summary>Returns what the task has written so far, in order.</summary>
    public TaskRecord[] GetRecords() => GetRecords(0);

    /// <summary>Returns what the task has written so far, in order, and forgets it.</summary>
    public TaskRecord[] TakeRecords() => Receive(0, takes: true);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Returns what the task has written after so many records, in order.</summary>
    internal TaskRecord[] GetRecords(int start) => Receive(start, takes: false);

    /// <summary>Follows the task. One that has ended already tells the listener so at once.</summary>
    internal void Subscribe(ITaskListener listener) => _output.Subscribe(this, listener);

    internal void Unsubscribe(ITaskListener listener) => _output.Unsubscribe(this, listener);

    /// <summary>Under the scheduler's lock.</summary>
    internal void SetPriority(int priority) => Volatile.Write(ref _priority, priority);

    internal bool Append(TaskContext context, TaskRecord record) => _output.Append(this, context, record);

    /// <summary>Warns, once, of much output that is held back until the program has ended.</summary>
    internal void WarnOfLargeOutput(TaskContext context) => _output.WarnOfLarge(this, context);

    /// <summary>Notes that the dispatcher no longer remembers it. Returns whether there is something to receive.</summary>
    internal bool TrySetForgotten(int period) => _output.TrySetForgotten(Id, period);

    /// <summary>Makes <see cref="LoggedInput"/>, once: before the task can change its item.</summary>
    internal void NoteInput(LogInput input)
    {
        if (!_isInputNoted)
        {
            _isInputNoted = true;
            LoggedInput = input == LogInput.None ? null : DescribeInput(input);
        }
    }

    /// <summary>What a log tells of an error: never arguments, nor the item.</summary>
    internal virtual string DescribeError(Exception error) => error is ILoggedException logged ? logged.LogMessage : LogText.OfException(error);

    /// <summary>What a log tells of <see cref="FirstError"/>: never arguments, nor the item.</summary>
    internal string? DescribeFirstError() => _output.FirstError switch
    {
        null => null,
        Exception exception => DescribeError(exception),
        { } record => DescribeLoggedRecord(record),
    };

    /// <summary>The message of an error record.</summary>
    private protected virtual string? DescribeRecord(object error) => error is Exception exception ? exception.Message : error.ToString();

    /// <summary>What a log tells of an error record.</summary>
    private protected virtual string? DescribeLoggedRecord(object error) => null;

    internal void SetExitCode(int exitCode)
    {
        _exitCode = exitCode;
        _hasExitCode = true;
    }

    /// <summary>Gives the task to a scheduler, unless one has it.</summary>
    internal bool TryAssign(ITaskOwner owner) => Interlocked.CompareExchange(ref _owner, owner, null) is null;

    internal void SetPending() => _output.SetPending();

    /// <summary>Starts an attempt.</summary>
    internal void SetRunning(TaskContext context, long now, TimeSpan timeout)
    {
        StartedTimestamp = now;
        _startedTimeout = timeout.Ticks;
        _worker = context.Runner.Number;
        if (Conditions is { } conditions && !ReferenceEquals(conditions.ComputerName, context.Runner.ComputerName))
        {
            conditions.ComputerName = context.Runner.ComputerName;
        }

        _hasExitCode = false;
        Exception = null;
        _output.SetRunning(context);
    }

    /// <summary>Ends an attempt after which there will be another.</summary>
    internal void SetRetrying(Exception error, RetryNotice notice) => EndAttempt(TaskState.Pending, error, notice);

    /// <summary>Ends an attempt whose host was lost, after which there will be another.</summary>
    internal void SetRequeued(Exception reason, RequeueNotice notice)
    {
        Exception = reason;
        _output.RequeueAttempt(this, notice);
    }

    /// <summary>Sets the final state. From here on nothing changes; <see cref="NotifyEnded"/> has to follow.</summary>
    internal void SetEnded(TaskState state, Exception? error) => EndAttempt(state, error, notice: null);

    internal void NotifyEnded()
    {
        _output.NotifyEnded(this);
        Conditions?.Dependencies?.Forget();
    }

    /// <summary>Makes room for what an attempt has held back, so that its end needs no memory. Before the scheduler's lock is taken.</summary>
    internal void ReserveForHeld(TaskContext context) => _output.ReserveForHeld(Id, context);

    /// <summary>Forgets what it has written, where this attempt is still the current one.</summary>
    internal void DropRecords(TaskContext context) => _output.Drop(Id, context);

    private protected virtual string? DescribeInput(LogInput input) => input == LogInput.Text
        ? LogText.OfUnknown(InputObject, LogText.LongestInput)
        : ItemName.Of(InputObject, LogText.LongestInput);

    private void EndAttempt(TaskState state, Exception? error, RetryNotice? notice)
    {
        Exception = error;
        _output.EndAttempt(this, state, error, notice);
    }

    private TaskRecord[] Receive(int start, bool takes)
    {
        TaskRecord[] records = _output.Receive(this, start, takes, out int forgottenIn);
        if (forgottenIn != 0)
        {
            Owner?.Unreceived.NoteReceived(forgottenIn);
        }

        return FromJournal && Conditions?.Journal is { } journal ? journal.Receive(this, start, takes) : records;
    }

    private DateTimeOffset? ToDate(long timestamp) => timestamp == 0 ? null : Owner?.Clock.ToDateTime(timestamp);

    private TimeSpan? Between(long start, long end) => start != 0 && Owner?.Clock is { } clock
        ? TimeSpan.FromTicks(Math.Max(0, (end != 0 ? end : clock.GetTimestamp()) - start))
        : null;
}
