using System;
using System.IO;
using System.Threading;

namespace Dispatching;

/// <summary>Settings of a new <see cref="Dispatcher"/>.</summary>
public sealed class DispatcherOptions
{
    private readonly int _queueSize = DispatcherDefaults.QueueSize;
    private readonly int _minWorkers = 1;
    private readonly int _maxWorkers = DispatcherDefaults.MaxWorkers;
    private readonly TimeSpan _taskTimeout = TaskOptions.DefaultTimeout;
    private readonly TimeSpan _stopGrace = DispatcherDefaults.StopGrace;
    private readonly TimeSpan _scaleDownInterval = DispatcherDefaults.ScaleDownInterval;
    private readonly int _maxTasksPerWorker = int.MaxValue;
    private readonly long _journalOutputLimit = DispatcherDefaults.JournalOutputLimit;
    private readonly int _historySize = DispatcherDefaults.HistorySize;

    /// <summary>A name for people; where <see langword="null"/>, "Dispatcher" and the dispatcher's id.</summary>
    public string? Name { get; init; }

    /// <summary>How many tasks the queue holds; at least 1, 1000 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int QueueSize
    {
        get => _queueSize;
        init => _queueSize = Require.AtLeast(value, 1, nameof(QueueSize));
    }

    /// <summary>How many workers are kept when there is nothing to do; at least 0, 1 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int MinWorkers
    {
        get => _minWorkers;
        init => _minWorkers = Require.AtLeast(value, 0, nameof(MinWorkers));
    }

    /// <summary>
    /// How many workers there are at most; at least 1 and at least <see cref="MinWorkers"/>, by default the processor
    /// count but at least 5.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MaxWorkers
    {
        get => _maxWorkers;
        init => _maxWorkers = Require.AtLeast(value, 1, nameof(MaxWorkers));
    }

    /// <summary>What becomes of tasks sent while the queue is full; <see cref="QueueFullMode.Wait"/> by default.</summary>
    public QueueFullMode QueueFullMode { get; init; } = QueueFullMode.Wait;

    /// <summary>The timeout of tasks that set none: more than zero, or infinite; 10 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, or negative and not infinite.</exception>
    public TimeSpan TaskTimeout
    {
        get => _taskTimeout;
        init => _taskTimeout = Require.Timeout(value, nameof(TaskTimeout));
    }

    /// <summary>How long a task may take to end when it is asked to, before it is ended by force; zero or more, 2 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan StopGrace
    {
        get => _stopGrace;
        init => _stopGrace = Require.Duration(value, nameof(StopGrace));
    }

    /// <summary>How long a worker must be idle before the pool halves: more than zero, or infinite; 5 min by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, or negative and not infinite.</exception>
    public TimeSpan ScaleDownInterval
    {
        get => _scaleDownInterval;
        init => _scaleDownInterval = Require.Timeout(value, nameof(ScaleDownInterval));
    }

    /// <summary>How many ended tasks <see cref="Dispatcher.GetTasks"/> remembers; 0 or more, 1000 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int HistorySize
    {
        get => _historySize;
        init => _historySize = Require.AtLeast(value, 0, nameof(HistorySize));
    }

    /// <summary>How many tasks a worker runs before another takes its place; at least 1, by default no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MaxTasksPerWorker
    {
        get => _maxTasksPerWorker;
        init => _maxTasksPerWorker = Require.AtLeast(value, 1, nameof(MaxTasksPerWorker));
    }

    /// <summary>
    /// Makes the host through which a worker runs bodies that are <see cref="IHostedDispatchable"/>. Called on the
    /// worker's own thread when the first such body reaches it.
    /// </summary>
    public Func<IWorkerHost>? CreateWorkerHost { get; init; }

    /// <summary>
    /// A file that gets one line of JSON for each task that has ended; <see langword="null"/> (the default) for none. It
    /// is appended to, and made where it is not there, its folders included. Each line has dispatcher, process, id, name,
    /// input, state, attempt, queuedAt, startedAt, endedAt, waitSeconds, durationSeconds, worker, exitCode, error, hadErrors,
    /// firstError, priority, group and computer.
    /// Names and input have at most 1,000 characters, errors 4,000. <see cref="LogInput"/> says what the input is. The error
    /// is the message of what ended the task; of an executable only how it ended, never its arguments, its standard input
    /// or what it wrote. On Unix, a file that is made can be read and written by its owner alone. It is opened for each
    /// write, so it may be renamed, deleted or cut off at any time. Several dispatchers, also of several processes, can share a file.
    /// Lines are written by a thread of their own; a line that cannot be written is lost, and never fails a task
    /// (<see cref="Dispatcher.LogFailed"/>, <see cref="Dispatcher.LogError"/>). <see cref="Dispatcher.Quit(bool)"/>
    /// and the normal end of the process wait for what is to be written, for 5 s and 2 s at most.
    /// </summary>
    public string? LogPath { get; init; }

    /// <summary>
    /// How much the log tells of what the tasks work on; <see cref="Dispatching.LogInput.Name"/> by default. It is taken on
    /// the thread that sends a task. Of the whole item, the text is that of a plain value, and the name of the type of any
    /// other; the cmdlets have it converted.
    /// </summary>
    public LogInput LogInput { get; init; }

    /// <summary>
    /// A folder that remembers which tasks have completed, by <see cref="TaskOptions.Key"/>; <see langword="null"/> (the
    /// default) for none. A task that has completed in a run before ends as completed without running
    /// (<see cref="DispatchTask.FromJournal"/>), with what it wrote then. It is made where it is not there, on Unix for its
    /// owner alone. It has one dispatcher at a time.
    /// </summary>
    /// <remarks>
    /// A task may run again that has run before, where the end of the process came before its record; one that was reported
    /// as completed has been recorded. What is recorded outlives the process; a power cut takes the last second at most.
    /// </remarks>
    public string? JournalPath { get; init; }

    /// <summary>What the journal keeps of outputs; <see cref="Dispatching.JournalOutput.Full"/> by default.</summary>
    public JournalOutput JournalOutput { get; init; }

    /// <summary>How large the output of one task may be that the journal keeps, in bytes; 0 or more, 1 MB by default. Of a larger one nothing is kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long JournalOutputLimit
    {
        get => _journalOutputLimit;
        init => _journalOutputLimit = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(JournalOutputLimit), value, "JournalOutputLimit must be at least 0.");
    }

    /// <summary>Makes text of the objects that tasks write, for the journal.</summary>
    internal IOutputSerializer? OutputSerializer { get; init; }

    /// <summary>How many tasks may start in a period, further attempts included; <see langword="null"/> (the default) for any number.</summary>
    public Rate? RateLimit { get; init; }

    /// <summary>How many tasks of a group run at once; <see langword="null"/> (the default) for any number. See <see cref="TaskOptions.Group"/>.</summary>
    public GroupLimit? GroupLimit { get; init; }

    /// <summary>
    /// At how many failures it halts; <see langword="null"/> (the default) for never. What fails or times out after its last
    /// attempt counts. It then takes no more tasks, until <see cref="Dispatcher.Run"/> or <see cref="Dispatcher.Resume"/>.
    /// </summary>
    public FailureLimit? MaxFailures { get; init; }

    /// <summary>What it stops when it halts; <see cref="FailureAction.StopPending"/> by default.</summary>
    public FailureAction FailureAction { get; init; }

    /// <summary>Whether the end of the process is to be no end in order: the process belongs to a task, whose end it is, too.</summary>
    internal bool DiesWithProcess { get; init; }

    /// <summary>Whether there are no workers at all, since another runner takes the tasks.</summary>
    internal bool HasNoWorkers { get; init; }

    /// <summary>The sessions that take the tasks, beside the workers or instead of them; <see langword="null"/> (the default) for none.</summary>
    internal IRunnerSet? Runners { get; init; }

    /// <summary>Draws numbers from 0 to less than 1, for the jitter of retries. Called under a lock.</summary>
    internal Func<double> Random { get; init; } = new Random().NextDouble;

    /// <summary>Called at the start of the thread that raises events; what it returns is disposed of at the end of that.</summary>
    internal Func<IDisposable>? EnterEventThread { get; init; }

    /// <summary>Where time comes from; real time by default.</summary>
    public Clock Clock { get; init; } = Clock.System;

    /// <summary>How to keep the journal; <see langword="null"/> where there is none.</summary>
    internal JournalSettings? CreateJournalSettings() => JournalPath is null ? null : new JournalSettings
    {
        Folder = Folders.Normalize(JournalPath),
        Output = JournalOutput,
        OutputLimit = JournalOutputLimit,
        HasItems = LogInput == LogInput.Text,
        Serializer = OutputSerializer,
    };
}
