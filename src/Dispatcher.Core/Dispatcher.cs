using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Runs tasks on an elastic pool of workers behind a bounded queue. Every task it accepts reaches one final state. All
/// members are safe to call from any thread, also from inside a task. Whoever creates it disposes of it.
/// </summary>
/// <remarks>It decides nothing: a <see cref="Dispatching.Scheduler"/> behind it does.</remarks>
public sealed class Dispatcher : IDisposable
{
    /// <summary>How many tasks the queue holds where nothing else is set.</summary>
    public const int DefaultQueueSize = DispatcherDefaults.QueueSize;

    /// <summary>How many ended tasks are remembered where nothing else is set.</summary>
    public const int DefaultHistorySize = DispatcherDefaults.HistorySize;

    /// <summary>
    /// How often in a row the queue had to be found empty until the Go package this contract comes from (gadget/dispatcher) took a drain for
    /// done. Kept as a constant only: here a drain ends when nothing is queued or running.
    /// </summary>
    public const int DefaultDispatchMissesBeforeDraining = 5;

    private static int s_lastId;

    /// <summary>Creates a dispatcher in <see cref="QueueFullMode.Overflow"/> mode, not running.</summary>
    /// <param name="queueSize">See <see cref="DispatcherOptions.QueueSize"/>.</param>
    /// <param name="minWorkers">See <see cref="DispatcherOptions.MinWorkers"/>.</param>
    /// <param name="maxWorkers">See <see cref="DispatcherOptions.MaxWorkers"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public Dispatcher(int queueSize, int minWorkers, int maxWorkers)
        : this(new DispatcherOptions
        {
            QueueSize = queueSize,
            MinWorkers = minWorkers,
            MaxWorkers = maxWorkers,
            QueueFullMode = QueueFullMode.Overflow,
        })
    {
    }

    /// <summary>Creates a dispatcher, not running.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="DispatcherOptions.MaxWorkers"/> is less than <see cref="DispatcherOptions.MinWorkers"/>.</exception>
    /// <exception cref="System.IO.IOException"><see cref="DispatcherOptions.LogPath"/> cannot be written.</exception>
    public Dispatcher(DispatcherOptions options)
    {
        Require.NotNull(options, nameof(options));
        SchedulerSettings.CheckWorkers(options.MinWorkers, options.MaxWorkers);
        Id = Interlocked.Increment(ref s_lastId);
        Scheduler = new Scheduler(this, options.Name ?? "Dispatcher" + Id.ToString(CultureInfo.InvariantCulture), options);
    }

    /// <summary>The timeout of tasks where neither they nor their dispatcher set one: 10 s.</summary>
    public static TimeSpan DefaultTaskTimeout { get; } = TaskOptions.DefaultTimeout;

    /// <summary>How long a task may take to end when asked to, where nothing else is set: 2 s.</summary>
    public static TimeSpan DefaultStopGrace { get; } = DispatcherDefaults.StopGrace;

    /// <summary>How long a worker must be idle before the pool halves, where nothing else is set: 5 min.</summary>
    public static TimeSpan DefaultWaitBetweenScaleDowns { get; } = DispatcherDefaults.ScaleDownInterval;

    /// <summary>How many workers there are at most where nothing else is set: the processor count, but at least 5.</summary>
    public static int DefaultMaxWorkers { get; } = DispatcherDefaults.MaxWorkers;

    /// <summary>The dispatcher that runs the task on this thread; <see langword="null"/> outside of tasks.</summary>
    public static Dispatcher? Current => (Dispatcher?)TaskRunner.Current?.Owner.Facade;

    /// <summary>A number that no other dispatcher of this process has.</summary>
    public int Id { get; }

    /// <summary>Its name.</summary>
    public string Name
    {
        get => Scheduler.Name;
        internal set => Scheduler.Name = value;
    }

    /// <summary>What becomes of tasks sent while the queue is full.</summary>
    public QueueFullMode QueueFullMode => Scheduler.QueueFullMode;

    /// <summary>What it does at the moment.</summary>
    public DispatcherStatus Status => Scheduler.Settings.Status;

    /// <summary>How many workers are kept when there is nothing to do. <see cref="SetWorkers"/> changes it.</summary>
    public int MinWorkers => Scheduler.Settings.MinWorkers;

    /// <summary>How many workers there are at most, those not counted whose task waits for others; where its tasks run elsewhere, how many can run there at once at most. <see cref="SetWorkers"/> changes it.</summary>
    public int MaxWorkers => Scheduler.Settings.MaxWorkers;

    /// <summary>How many workers there are; where its tasks run elsewhere, how many can run there at once now.</summary>
    public int WorkerCount => Scheduler.Settings.WorkerCount;

    /// <summary>How many workers have nothing to do, and are not about to take a task that is queued.</summary>
    public int IdleWorkerCount => Scheduler.Settings.IdleWorkerCount;

    /// <summary>How many tasks the queue holds; at least 1. Tasks beyond a lowered bound stay. Retried tasks come back whether it is full or not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int QueueSize
    {
        get => Scheduler.Settings.QueueSize;
        set => Scheduler.Settings.QueueSize = Require.AtLeast(value, 1, nameof(QueueSize));
    }

    /// <summary>The timeout of tasks that set none, from their next start: more than zero, or infinite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, or negative and not infinite.</exception>
    public TimeSpan TaskTimeout
    {
        get => Scheduler.Settings.TaskTimeout;
        set => Scheduler.Settings.TaskTimeout = Require.Timeout(value, nameof(TaskTimeout));
    }

    /// <summary>How long a task may take to end when asked to, before force is used; zero or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan StopGrace
    {
        get => Scheduler.Settings.StopGrace;
        set => Scheduler.Settings.StopGrace = Require.Duration(value, nameof(StopGrace));
    }

    /// <summary>How long a worker must be idle before the pool halves, from the next time one is: more than zero, or infinite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, or negative and not infinite.</exception>
    public TimeSpan ScaleDownInterval
    {
        get => Scheduler.Settings.ScaleDownInterval;
        set => Scheduler.Settings.ScaleDownInterval = Require.Timeout(value, nameof(ScaleDownInterval));
    }

    /// <summary>How many tasks may start in a period, further attempts included; <see langword="null"/> for any number. A change counts the starts that the old rate still knows.</summary>
    public Rate? RateLimit
    {
        get => Scheduler.Starts.Rate;
        set => Scheduler.Starts.Rate = value;
    }

    /// <summary>How many tasks of a group run at once; <see langword="null"/> for any number. A lowered limit stops nothing.</summary>
    public GroupLimit? GroupLimit
    {
        get => Scheduler.Starts.GroupLimit;
        set => Scheduler.Starts.GroupLimit = value;
    }

    /// <summary>At how many failures it halts, counted from the last <see cref="Run"/> or <see cref="Resume"/>; <see langword="null"/> for never. Where there have been as many already, it halts at once.</summary>
    public FailureLimit? MaxFailures
    {
        get => Scheduler.Starts.MaxFailures;
        set => Scheduler.Starts.MaxFailures = value;
    }

    /// <summary>What it stops when it halts.</summary>
    public FailureAction FailureAction
    {
        get => Scheduler.Starts.FailureAction;
        set => Scheduler.Starts.FailureAction = value;
    }

    /// <summary>Why it has halted, and takes no more tasks; <see langword="null"/> while it has not.</summary>
    public DispatcherHaltedException? HaltReason => Scheduler.Starts.HaltReason;

    /// <summary>Whether no task starts until <see cref="Resume"/>.</summary>
    public bool IsSuspended => Scheduler.Starts.IsSuspended;

    /// <summary>The counts at this instant.</summary>
    public DispatcherStatistics Statistics => Scheduler.Settings.Statistics;

    /// <summary>The full path of the file that gets a line for each ended task; <see langword="null"/> for none.</summary>
    public string? LogPath => Scheduler.Log?.Path;

    /// <summary>Why lines cannot be written to the log at the moment; <see langword="null"/> where there is no log, and when the last line was written.</summary>
    public Exception? LogError => Scheduler.Log?.Error;

    /// <summary>The full path of the folder that remembers which tasks have completed; <see langword="null"/> for none.</summary>
    public string? JournalPath => Scheduler.Journal?.Folder;

    internal Scheduler Scheduler { get; }

    /// <summary>Whether it has ended for good.</summary>
    internal bool IsDisposed => Scheduler.Settings.IsClosed;

    /// <summary>What its tasks have written and nobody has received.</summary>
    internal UnreceivedOutput Unreceived => Scheduler.Unreceived;

    /// <summary>How many ended tasks it remembers.</summary>
    internal int HistorySize => Scheduler.HistorySize;

    internal TaskLog? Log => Scheduler.Log;

    /// <summary>A task has reached its final state: once for each task that was accepted.</summary>
    /// <remarks>
    /// For this event and the others: handlers are called one after the other, in the order in which things happened, on
    /// a background thread that a dispatcher has only while there is something to tell. They hold no worker and run under
    /// no lock, and may call any member. What a handler throws is dropped; the event source "Dispatching.Dispatcher" tells
    /// of it. One that never returns keeps the events after it waiting; when it has not returned for a minute and 10,000
    /// wait, further ones are lost, until it returns. Nothing waits for handlers, <see cref="Quit(bool)"/> included: events
    /// may be raised after it has returned, and those that are still to be raised when the process ends are lost. A
    /// handler hears what happens from its adding to its removal. PowerShell's Register-ObjectEvent passes events on
    /// through the thread pool, which may change their order; their EventIdentifier has the order in which they were raised.
    /// </remarks>
    public event EventHandler<TaskFinishedEventArgs>? TaskFinished
    {
        add => Scheduler.ChangeHandlers(events => events.TaskFinished.Add(value));
        remove => Scheduler.ChangeHandlers(events => events.TaskFinished.Remove(value));
    }

    /// <summary>The dispatcher has another status.</summary>
    /// <remarks>Raised as <see cref="TaskFinished"/> is.</remarks>
    public event EventHandler<DispatcherStatusChangedEventArgs>? StatusChanged
    {
        add => Scheduler.ChangeHandlers(events => events.StatusChanged.Add(value));
        remove => Scheduler.ChangeHandlers(events => events.StatusChanged.Remove(value));
    }

    /// <summary>The pool has grown or shrunk. One worker that takes the place of another is no change.</summary>
    /// <remarks>Raised as <see cref="TaskFinished"/> is.</remarks>
    public event EventHandler<DispatcherScaledEventArgs>? Scaled
    {
        add => Scheduler.ChangeHandlers(events => events.Scaled.Add(value));
        remove => Scheduler.ChangeHandlers(events => events.Scaled.Remove(value));
    }

    /// <summary>A worker was abandoned because its task did not end. There is a new one in its place where one could be started.</summary>
    /// <remarks>Raised as <see cref="TaskFinished"/> is.</remarks>
    public event EventHandler<WorkerReplacedEventArgs>? WorkerReplaced
    {
        add => Scheduler.ChangeHandlers(events => events.WorkerReplaced.Add(value));
        remove => Scheduler.ChangeHandlers(events => events.WorkerReplaced.Remove(value));
    }

    /// <summary>The log could not be written. Raised for the first line that was lost, and again when lines are lost after others could be written; tasks go on.</summary>
    /// <remarks>Raised as <see cref="TaskFinished"/> is.</remarks>
    public event EventHandler<DispatcherLogFailedEventArgs>? LogFailed
    {
        add => Scheduler.ChangeHandlers(events => events.LogFailed.Add(value));
        remove => Scheduler.ChangeHandlers(events => events.LogFailed.Remove(value));
    }

    /// <summary>Returns its name.</summary>
    public override string ToString() => Name;

    /// <summary>Sends a task with default settings. See <see cref="Dispatch(DispatchTask)"/>.</summary>
    public bool Dispatch(IDispatchable body) => Dispatch(new DispatchTask(body));

    /// <summary>Sends a task, and never blocks. Works before <see cref="Run"/>.</summary>
    /// <returns>
    /// <see langword="true"/>: it is in the bounded queue, or on a worker. <see langword="false"/>: the queue was full; in
    /// <see cref="QueueFullMode.Overflow"/> mode the task was accepted all the same, in the others it was not.
    /// </returns>
    /// <exception cref="InvalidOperationException">The task was sent before.</exception>
    /// <exception cref="ObjectDisposedException">The dispatcher has been disposed of.</exception>
    public bool Dispatch(DispatchTask task) => Scheduler.Submission.Dispatch(Require.NotNull(task, nameof(task)));

    /// <summary>
    /// Sends a task; in <see cref="QueueFullMode.Wait"/> mode, waits for room in the queue first. In the other modes
    /// this is <see cref="Dispatch(DispatchTask)"/>.
    /// </summary>
    /// <returns>Whether the task was accepted.</returns>
    /// <exception cref="InvalidOperationException">The task was sent before; or the queue is full while the dispatcher does not run, so that nothing would ever make room.</exception>
    /// <exception cref="ObjectDisposedException">The dispatcher has been disposed of.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; the task was not accepted.</exception>
    public bool Send(DispatchTask task, CancellationToken cancellationToken = default) =>
        Scheduler.Submission.Send(Require.NotNull(task, nameof(task)), cancellationToken);

    /// <summary>Starts running what is queued, and returns. Does nothing unless <see cref="DispatcherStatus.Stopped"/>.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    public void Run() => Scheduler.Run();

    /// <summary>Stops the dispatcher, and blocks until it has stopped. See <see cref="Quit(bool, TimeSpan, CancellationToken)"/>.</summary>
    public void Quit(bool drain) => Quit(drain, Timeout.InfiniteTimeSpan);

    /// <summary>
    /// Stops the dispatcher, and waits until it has stopped and its threads have ended, and then for 5 s and
    /// <paramref name="timeout"/> at most until the log is written. It does not wait for handlers of events. From inside
    /// one of its own tasks it starts the stop and returns without waiting.
    /// </summary>
    /// <param name="drain">
    /// <see langword="true"/>: when nothing is queued, running or waiting for a retry, tasks sent meanwhile included.
    /// <see langword="false"/>: when the running tasks have finished; queued ones stay queued for the next <see cref="Run"/>.
    /// </param>
    /// <param name="timeout">How long to wait at most; the stop goes on after that.</param>
    /// <param name="cancellationToken">Ends the wait, not the stop.</param>
    /// <returns>Whether it has stopped.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public bool Quit(bool drain, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        PendingStop stop = BeginQuit(drain);
        return ReferenceEquals(Current, this)
            ? Status == DispatcherStatus.Stopped
            : stop.WaitForAll(timeout, cancellationToken);
    }

    /// <summary>
    /// From now on no task starts. What runs goes on, timeouts and delays run on, and tasks can be sent. It holds through
    /// <see cref="Quit(bool)"/> and <see cref="Run"/>; a drain waits for <see cref="Resume"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    public void Suspend() => Scheduler.Starts.Suspend();

    /// <summary>Ends <see cref="Suspend"/>. After a halt, it takes tasks again, and counts failures anew.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    public void Resume() => Scheduler.Starts.Resume();

    /// <summary>Stops all running tasks, as <see cref="DispatchTask.Stop"/> does, and returns without waiting for them.</summary>
    public void StopRunningTasks() => RequestStopOfRunning();

    /// <summary>Changes how many workers there are. Busy workers that are too many go when their task is done.</summary>
    /// <param name="min">At least 0.</param>
    /// <param name="max">At least 1, and at least <paramref name="min"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    /// <exception cref="InvalidOperationException">Its tasks run elsewhere, and it has no workers in this process.</exception>
    public void SetWorkers(int min, int max)
    {
        Require.AtLeast(min, 0, nameof(min));
        Require.AtLeast(max, 1, nameof(max));
        SchedulerSettings.CheckWorkers(min, max);
        Scheduler.Settings.SetWorkers(min, max);
    }

    /// <summary>
    /// Returns its tasks: all that have not ended, and the last <see cref="DispatcherOptions.HistorySize"/> that have, by id.
    /// </summary>
    public IReadOnlyList<DispatchTask> GetTasks() => Scheduler.GetTasks();

    /// <summary>
    /// Ends the dispatcher for good: queued tasks become <see cref="TaskState.Stopped"/>, running ones are stopped. Does
    /// not wait for them; <see cref="Quit(bool)"/> does.
    /// </summary>
    public void Dispose()
    {
        Close();
        StopRunningTasks();
    }

    /// <summary>Begins to stop, and does not wait. See <see cref="Quit(bool, TimeSpan, CancellationToken)"/>.</summary>
    internal PendingStop BeginQuit(bool drain) => Scheduler.RequestStop(drain);

    /// <summary>Has nothing start any more, for good: queued tasks become stopped. What runs goes on.</summary>
    internal void Close() => Scheduler.Close();

    /// <inheritdoc cref="StopEscalation.StopRunning"/>
    internal IReadOnlyList<DispatchTask> RequestStopOfRunning() => Scheduler.RequestStopOfRunning();

    /// <inheritdoc cref="TaskSubmission.TryDispatch"/>
    internal bool TryDispatch(DispatchTask task) => Scheduler.Submission.TryDispatch(task);

    /// <summary>Interrupts a wait from now on when the status changes, or a task has written very much.</summary>
    internal void AddWait(IInterruptibleWait wait) => Scheduler.AddWait(wait);

    internal void RemoveWait(IInterruptibleWait wait) => Scheduler.RemoveWait(wait);
}
