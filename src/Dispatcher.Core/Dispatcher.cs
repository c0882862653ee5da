using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Runs tasks on an elastic pool of workers behind a bounded queue. Every task it accepts reaches one final state. All
/// members are safe to call from any thread, also from inside a task. Whoever creates it disposes of it.
/// </summary>
/// <remarks>
/// There is one lock, the lock; what happens under it is short and runs no user code. Locks taken inside it: those of
/// the tasks' logs, of an idle worker's parking place, of those who wait for tasks, and of the alarm. None of these takes the lock.
/// </remarks>
public sealed partial class Dispatcher : IDisposable
{
    /// <summary>How many tasks the queue holds where nothing else is set.</summary>
    public const int DefaultMaxBufferedTasks = 1000;

    /// <summary>How many ended tasks are remembered where nothing else is set.</summary>
    public const int DefaultHistorySize = 1000;

    /// <summary>
    /// The count of empty looks after which the Go package this contract comes from (gadget/dispatcher) held a drain to
    /// be done. Kept as a constant only: here a drain ends when nothing is queued or running.
    /// </summary>
    public const int DefaultDispatchMissesBeforeDraining = 5;

    // A host may have modules to import before its first task can start, which takes seconds; not for ever.
    private static readonly TimeSpan s_hostLimit = TimeSpan.FromMinutes(5);

    // Beyond the 12 s that a clean-up script has: a worker that has not ended by then is not waited for.
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(15);

    // How long after a thread could not be started the next try comes.
    private static readonly TimeSpan s_growthWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_roomCheck = TimeSpan.FromMilliseconds(100);

    private static int s_lastId;

    private readonly object _lock = new();
    private readonly TaskList _queue = new();
    private readonly TaskStack _overflow = new();
    private readonly DelayedTasks _retries = new();
    private readonly TaskHistory _history;
    private readonly List<ManualResetEventSlim> _senders = [];
    private readonly long[] _counts = new long[(int)TaskState.Stopped + 1];
    private readonly WorkerPool _pool;
    private readonly Alarm _alarm;
    private readonly Func<IWorkerHost>? _createHost;
    private readonly int _maxTasksPerWorker;
    private DispatcherStatus _status;
    private ManualResetEventSlim _stopped = new(initialState: true);
    private TimeSpan _taskTimeout;
    private TimeSpan _stopGrace;
    private TimeSpan _scaleDownInterval;
    private int _maxBufferedTasks;
    private long _sent;
    private long _rejected;
    private long _alarmAt = Clock.Never;
    private long _scaleDownAt = Clock.Never;
    private long _growAt = Clock.Never;
    private bool _isDisposed;

    /// <summary>Creates a dispatcher in <see cref="QueueFullMode.Overflow"/> mode, not running.</summary>
    /// <param name="maxBufferedTasks">See <see cref="DispatcherOptions.MaxBufferedTasks"/>.</param>
    /// <param name="minWorkers">See <see cref="DispatcherOptions.MinWorkers"/>.</param>
    /// <param name="maxWorkers">See <see cref="DispatcherOptions.MaxWorkers"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public Dispatcher(int maxBufferedTasks, int minWorkers, int maxWorkers)
        : this(new DispatcherOptions
        {
            MaxBufferedTasks = maxBufferedTasks,
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
        CheckWorkers(options.MinWorkers, options.MaxWorkers);
        Id = Interlocked.Increment(ref s_lastId);
        Name = options.Name ?? "Dispatcher" + Id.ToString(CultureInfo.InvariantCulture);
        Clock = options.Clock;
        QueueFullMode = options.QueueFullMode;
        _createHost = options.CreateWorkerHost;
        _enterEventThread = options.EnterEventThread;
        _maxTasksPerWorker = options.MaxTasksPerWorker;
        _maxBufferedTasks = options.MaxBufferedTasks;
        _taskTimeout = options.TaskTimeout;
        _stopGrace = options.StopGrace;
        _scaleDownInterval = options.ScaleDownInterval;
        _history = new TaskHistory(options.HistorySize, Unreceived);
        _pool = new WorkerPool(this, options.MinWorkers, options.MaxWorkers);
        _alarm = Clock.CreateAlarm(OnAlarm);
        _log = options.LogPath is { } path ? new TaskLog(this, path, options.LogInput) : null;
        _isDisposed = !ProcessExit.Add(this);
    }

    /// <summary>The limit of tasks where neither they nor their dispatcher set one: 10 s.</summary>
    public static TimeSpan DefaultTaskTimeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a task may take to end when asked to, where nothing else is set: 2 s.</summary>
    public static TimeSpan DefaultStopGrace { get; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a worker must be idle before the pool halves, where nothing else is set: 5 min.</summary>
    public static TimeSpan DefaultWaitBetweenScaleDowns { get; } = TimeSpan.FromMinutes(5);

    /// <summary>How many workers there are at most where nothing else is set: the processor count, but at least 5.</summary>
    public static int DefaultMaxWorkers { get; } = Math.Max(5, Environment.ProcessorCount);

    /// <summary>The dispatcher that runs the task on this thread; <see langword="null"/> outside of tasks.</summary>
    public static Dispatcher? Current => Worker.Current?.Dispatcher;

    /// <summary>A number that no other dispatcher of this process has.</summary>
    public int Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; internal set; }

    /// <summary>What becomes of tasks sent while the queue is full.</summary>
    public QueueFullMode QueueFullMode { get; }

    /// <summary>Whether it has ended for good.</summary>
    internal bool IsDisposed => Read(() => _isDisposed);

    /// <summary>What it does at the moment.</summary>
    public DispatcherStatus Status => Read(() => _status);

    /// <summary>How many workers are kept when there is nothing to do. <see cref="SetWorkers"/> changes it.</summary>
    public int MinWorkers => Read(() => _pool.Min);

    /// <summary>How many workers there are at most, those not counted whose task waits for others. <see cref="SetWorkers"/> changes it.</summary>
    public int MaxWorkers => Read(() => _pool.Max);

    /// <summary>How many workers there are.</summary>
    public int WorkerCount => Read(() => _pool.Count);

    /// <summary>How many workers have nothing to do, and are not about to take a task that is queued.</summary>
    public int IdleWorkerCount => Read(() => Math.Max(0, _pool.IdleCount - _queue.Count));

    /// <summary>How many tasks the queue holds; at least 1. Tasks beyond a lowered bound stay. Retried tasks come back whether it is full or not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MaxBufferedTasks
    {
        get => Read(() => _maxBufferedTasks);
        set
        {
            Require.AtLeast(value, 1, nameof(MaxBufferedTasks));
            Enter();
            try
            {
                _maxBufferedTasks = value;
                RefillQueue();
                ReleaseSenders();
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>The limit of tasks that set none, from their next start: more than zero, or infinite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, or negative and not infinite.</exception>
    public TimeSpan TaskTimeout
    {
        get => Read(() => _taskTimeout);
        set => Write(ref _taskTimeout, Require.Limit(value, nameof(TaskTimeout)));
    }

    /// <summary>How long a task may take to end when asked to, before force is used; zero or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan StopGrace
    {
        get => Read(() => _stopGrace);
        set => Write(ref _stopGrace, Require.Duration(value, nameof(StopGrace)));
    }

    /// <summary>How long a worker must be idle before the pool halves, from the next time one is: more than zero, or infinite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, or negative and not infinite.</exception>
    public TimeSpan ScaleDownInterval
    {
        get => Read(() => _scaleDownInterval);
        set
        {
            Require.Limit(value, nameof(ScaleDownInterval));
            Enter();
            try
            {
                _scaleDownInterval = value;
                _scaleDownAt = Clock.Never;
                ScheduleScaleDown();
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>The counts at this instant.</summary>
    public DispatcherStatistics Statistics => Read(() => new DispatcherStatistics
    {
        Sent = _sent,
        Pending = _counts[(int)TaskState.Pending],
        Running = _counts[(int)TaskState.Running],
        Completed = _counts[(int)TaskState.Completed],
        Failed = _counts[(int)TaskState.Failed],
        TimedOut = _counts[(int)TaskState.TimedOut],
        Stopped = _counts[(int)TaskState.Stopped],
        Rejected = _rejected,
    });

    internal Clock Clock { get; }

    private bool IsWorking => _status is DispatcherStatus.Running or DispatcherStatus.Draining;

    private bool IsDrained => _counts[(int)TaskState.Pending] == 0 && _counts[(int)TaskState.Running] == 0;

    /// <summary>Returns its name.</summary>
    public override string ToString() => Name;

    /// <summary>Starts running what is queued, and returns. Does nothing unless <see cref="DispatcherStatus.Stopped"/>.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    public void Run()
    {
        var stopped = new ManualResetEventSlim();
        Enter();
        try
        {
            ThrowIfDisposed();
            if (_status != DispatcherStatus.Stopped)
            {
                return;
            }

            SetStatus(DispatcherStatus.Running);
            InterruptSafe.Set(_stopped);
            _stopped = stopped;
            Grow(_pool.Min);
            OnScaled();
            GrowForQueue();
            SetAlarmBy(_retries.NextDue);
        }
        finally
        {
            Leave();
        }
    }

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

    /// <summary>Stops all running tasks, as <see cref="DispatchTask.Stop"/> does, and returns without waiting for them.</summary>
    public void StopRunningTasks() => RequestStopOfRunning();

    /// <summary>Asks all running tasks to stop, and returns those that it has asked. Some may end in another way first.</summary>
    internal IReadOnlyList<DispatchTask> RequestStopOfRunning()
    {
        var running = new List<TaskContext>();
        lock (_lock)
        {
            foreach (Worker worker in _pool.Workers)
            {
                if (worker.Running is { } context)
                {
                    context.Task.IsLastAttempt = true;
                    running.Add(context);
                }
            }
        }

        foreach (TaskContext context in running)
        {
            RequestStop(context, TaskState.Stopped);
        }

        return running.ConvertAll(context => context.Task);
    }

    /// <summary>Changes how many workers there are. Busy workers that are too many go when their task is done.</summary>
    /// <param name="min">At least 0.</param>
    /// <param name="max">At least 1, and at least <paramref name="min"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void SetWorkers(int min, int max)
    {
        Require.AtLeast(min, 0, nameof(min));
        Require.AtLeast(max, 1, nameof(max));
        CheckWorkers(min, max);
        Enter();
        try
        {
            _pool.Min = min;
            _pool.Max = max;
            if (IsWorking)
            {
                _pool.ShrinkTo(_pool.Limit);
                Grow(min);
                OnScaled();
                GrowForQueue();
                ScheduleScaleDown();
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Returns its tasks: all that have not ended, and the last <see cref="DispatcherOptions.HistorySize"/> that have, by id.
    /// </summary>
    public IReadOnlyList<DispatchTask> GetTasks()
    {
        var tasks = new List<DispatchTask>();
        lock (_lock)
        {
            _history.CopyTo(tasks);
            _retries.CopyTo(tasks);
            foreach (Worker worker in _pool.Workers)
            {
                if (worker.Running is { } context)
                {
                    tasks.Add(context.Task);
                }
            }

            foreach (TaskList list in new[] { _queue, _overflow.Tasks })
            {
                for (DispatchTask? task = list.First; task is not null; task = task.Next)
                {
                    tasks.Add(task);
                }
            }
        }

        tasks.Sort((x, y) => x.Id.CompareTo(y.Id));
        return tasks;
    }

    /// <summary>Why a task of this dispatcher has not started; <see langword="null"/> if it is not pending.</summary>
    internal string? GetPendingReason(DispatchTask task)
    {
        lock (_lock)
        {
            return task.State != TaskState.Pending ? null
                : !IsWorking ? PendingReasons.NotStarted
                : task.List is null ? PendingReasons.Retry
                : PendingReasons.Queued;
        }
    }

    /// <summary>
    /// Ends the dispatcher for good: queued tasks become <see cref="TaskState.Stopped"/>, running ones are stopped. Does
    /// not wait for them; <see cref="Quit(bool)"/> does.
    /// </summary>
    public void Dispose()
    {
        Close();
        StopRunningTasks();
    }
}
