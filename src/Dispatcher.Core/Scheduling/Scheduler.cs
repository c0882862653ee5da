using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Takes tasks in, hands them out to whoever runs them, and sees each to its final state. It owns the one lock over all
/// scheduling state (<see cref="SchedulerState.Lock"/>); each of its methods is one or two short sections under it, and what
/// must not happen there is done once it is left (<see cref="AfterLock"/>). Safe to use from any thread.
/// </summary>
internal sealed class Scheduler : ITaskOwner, IExitingScheduler
{
    // Before the first task: whatever interrupts a worker must not hit the making of it.
    private static readonly DispatcherEventSource s_source = DispatcherEventSource.Log;

    private readonly SchedulerState _state;
    private readonly WorkerPool _pool;
    private readonly PoolScaler _scaler;
    private readonly AttemptEnd _ends;
    private readonly StopEscalation _stops;
    private readonly BlockedPlaces _places;
    private readonly StatusChanges _status;
    private readonly RunnerSetRuns? _runners;

    /// <exception cref="System.IO.IOException"><see cref="DispatcherOptions.LogPath"/> cannot be written.</exception>
    internal Scheduler(object facade, string name, DispatcherOptions options)
    {
        Facade = facade;
        Name = name;
        Clock = options.Clock;
        QueueFullMode = options.QueueFullMode;
        var events = new EventQueue(this, s_source, options.EnterEventThread);
        Events = new DispatcherEvents(this, s_source, events);
        Log = options.LogPath is { } path ? new TaskLog(this, path, options.LogInput, OnLogFailed) : null;
        Journal = options.CreateJournalSettings() is { } journal ? new TaskJournal(this, journal) : null;
        ITaskObserver?[] observers = [Journal, Log];
        _state = new SchedulerState(Clock, options, Unreceived, new SchedulerObservers(s_source, [new EventSourceObserver(this, s_source, events), Events], [.. observers.OfType<ITaskObserver>()]), OnAlarm);
        _ends = new AttemptEnd(_state, () => Name);
        Handout = new TaskHandout(this, _state, _ends, options);
        _pool = Handout.Pool;
        _scaler = Handout.Scaler;
        _stops = new StopEscalation(this, _state, _ends);
        Remote = new RemoteHandout(this, _state, Handout, _ends, _stops);
        RunnerSet = options.Runners;
        _runners = options.Runners is { } runners ? new RunnerSetRuns(this, _state, runners) : null;
        _status = new StatusChanges(_state, _pool, _scaler, _runners);
        _places = new BlockedPlaces(_state, _pool, _scaler);
        Starts = new StartConditions(this, _state, _scaler, _ends);
        Settings = new SchedulerSettings(this, _state, _pool, _scaler, options);
        Submission = new TaskSubmission(this, _state, _pool, _scaler, _ends);
        _state.Lifecycle.IsClosed = !options.DiesWithProcess && !ProcessExit.Add(this);
    }

    /// <inheritdoc/>
    public object Facade { get; }

    /// <inheritdoc/>
    public string Name { get; set; }

    /// <inheritdoc/>
    public Clock Clock { get; }

    /// <inheritdoc/>
    public UnreceivedOutput Unreceived { get; } = new();

    /// <inheritdoc/>
    public TimeSpan TaskTimeout => Settings.TaskTimeout;

    /// <inheritdoc cref="ITaskOwner.StopGrace"/>
    public TimeSpan StopGrace => Settings.StopGrace;

    internal QueueFullMode QueueFullMode { get; }

    internal SchedulerSettings Settings { get; }

    internal TaskSubmission Submission { get; }

    internal TaskHandout Handout { get; }

    internal RemoteHandout Remote { get; }

    internal StartConditions Starts { get; }

    /// <summary>The sessions that run its tasks; <see langword="null"/> where workers of this process do.</summary>
    internal IRunnerSet? RunnerSet { get; }

    internal DispatcherEvents Events { get; }

    internal TaskLog? Log { get; }

    internal TaskJournal? Journal { get; }

    /// <summary>What its parts share.</summary>
    internal SchedulerState State => _state;

    internal int HistorySize => _state.History.Size;

    private bool IsWorking => _state.Lifecycle.IsWorking;

    /// <summary>See <see cref="Dispatcher.Run"/>.</summary>
    internal void Run()
    {
        var stopped = new ManualResetEventSlim();
        AfterLock after = default;
        Enter();
        try
        {
            ThrowIfClosed();
            _state.Failures.Reset();
            if (_state.Lifecycle.Status == DispatcherStatus.Stopped)
            {
                _status.Run(stopped);
            }
        }
        finally
        {
            Leave(ref after);
        }
    }

    /// <summary>Begins to stop, and does not wait. See <see cref="Dispatcher.Quit(bool, TimeSpan, CancellationToken)"/>.</summary>
    internal PendingStop RequestStop(bool drain)
    {
        ManualResetEventSlim stopped;
        AfterLock after = default;
        Enter();
        try
        {
            stopped = _state.Lifecycle.Stopped;
            if (drain && _state.Lifecycle.Status == DispatcherStatus.Running)
            {
                _state.Lifecycle.Set(DispatcherStatus.Draining);
            }
            else if (!drain && IsWorking)
            {
                _status.BeginStopping();
            }

            Settle();
        }
        finally
        {
            Leave(ref after);
        }

        return new PendingStop(this, stopped);
    }

    /// <summary>Has nothing start any more, for good: queued tasks become stopped. What runs goes on.</summary>
    public void Close()
    {
        AfterLock after = default;
        Enter();
        try
        {
            if (_state.Lifecycle.IsClosed)
            {
                return;
            }

            _state.Lifecycle.IsClosed = true;
            Journal?.SetClosing();
            while (_state.Pending.TakeAny() is { } task)
            {
                _ends.EndPending(task, _state.Now(), ref after);
            }

            while (_state.Pending.Runners.TakeAnySent() is { } sent)
            {
                // Their sessions are about to close; one that says yet that it has started is told to stop.
                _state.Pending.RemoveSent(sent);
                _ends.EndPending(sent, _state.Now(), ref after);
            }

            if (IsWorking)
            {
                _status.BeginStopping();
                Settle();
            }
        }
        finally
        {
            Leave(ref after);
        }
    }

    /// <inheritdoc/>
    public bool Stop(DispatchTask task, bool onlyPending) => _stops.Stop(task, onlyPending);

    /// <inheritdoc cref="StopEscalation.StopRunning"/>
    internal IReadOnlyList<DispatchTask> RequestStopOfRunning() => _stops.StopRunning();

    /// <inheritdoc/>
    public void StopRunning() => RequestStopOfRunning();

    /// <inheritdoc/>
    public void AbandonCurrentTask()
    {
        if (TaskRunner.Current is { } runner && ReferenceEquals(runner.Owner, this))
        {
            runner.AbandonTask();
        }
    }

    /// <summary>Ends a task as stopped whose thread, the calling one, will not come back to it.</summary>
    internal void AbandonCurrent(TaskContext attempt) => _stops.AbandonCurrent(attempt);

    /// <inheritdoc/>
    public bool WaitUntilStopped(TimeSpan timeout) => RequestStop(drain: false).Wait(timeout, default);

    /// <inheritdoc/>
    public void Flush(TimeSpan timeout)
    {
        Log?.Flush(timeout);
        Journal?.Flush(timeout);
    }

    internal List<DispatchTask> GetTasks() => _state.GetTasks();

    /// <inheritdoc/>
    public void SetPriority(DispatchTask task, int priority) => Starts.SetPriority(task, priority);

    /// <inheritdoc/>
    public void OnDependenciesSettled(TaskDependencies first) => Starts.OnDependenciesSettled(first);

    /// <inheritdoc/>
    public string? GetPendingReason(DispatchTask task)
    {
        lock (_state.Lock)
        {
            return task.State != TaskState.Pending ? null : IsWorking || task.PendingSet is SentTasks ? _state.Pending.GetReason(task) : PendingReasons.NotStarted;
        }
    }

    /// <inheritdoc/>
    public void OnLargeOutput(DispatchTask task)
    {
        Unreceived.NoteLarge(task);
        InterruptWaits();
    }

    /// <summary>There is something to tell those who wait for tasks.</summary>
    internal void InterruptWaits()
    {
        InterruptSafe.Enter(_state.Lock);
        _state.Lifecycle.InterruptWaits();
        Monitor.Exit(_state.Lock);
    }

    /// <inheritdoc/>
    public void Block(TaskRunner runner) => _places.Block(runner);

    /// <inheritdoc/>
    public void Unblock(TaskRunner runner) => _places.Unblock(runner);

    /// <inheritdoc/>
    public void StartThreads()
    {
        Debug.Assert(!Monitor.IsEntered(_state.Lock), "No thread is started under the lock.");
        if (_pool.HasUnstarted && !_scaler.TryStartWorkers())
        {
            InterruptSafe.Enter(_state.Lock);
            Settle();
            Monitor.Exit(_state.Lock);
        }

        _state.Alarm.StartThread();
        _state.Observers.StartThreads();
        if (_runners?.IsDue == true)
        {
            _runners.Act();
        }
    }

    /// <summary>Takes the lock. <see cref="Leave"/> has to follow.</summary>
    internal void Enter()
    {
        InterruptSafe.Enter(_state.Lock);
        _state.AssertInvariants();
    }

    /// <summary>Leaves the lock, and does what was not to be done under it.</summary>
    internal void Leave(ref AfterLock after)
    {
        _state.WatchRate();
        _state.AssertInvariants();
        Monitor.Exit(_state.Lock);
        StartThreads();
        if (_state.Pending.Runners.IsRecallDue)
        {
            Remote.RecallDue();
        }

        if (after.StopsRunning)
        {
            _stops.StopRunning();
        }

        after.Run();
        if (Journal is not null && _state.Lifecycle is { IsClosed: true, Status: DispatcherStatus.Stopped })
        {
            // Nothing runs any more, and nothing ever will.
            Journal.Dispose();
        }
    }

    /// <summary>Sets when to act on an attempt next. Under the lock.</summary>
    internal void SetDeadline(TaskContext attempt, TimeSpan fromNow)
    {
        attempt.Deadline = Clock.Add(_state.Now(), fromNow);
        _state.Alarm.SetBy(attempt.Deadline);
    }

    /// <summary>Makes the changes of status that are due. Under the lock.</summary>
    internal void Settle() => _status.Settle();

    internal void ThrowIfClosed()
    {
        if (_state.Lifecycle.IsClosed)
        {
            throw new ObjectDisposedException(Name, "Dispatcher '" + Name + "' has been removed.");
        }
    }

    internal void AddWait(IInterruptibleWait wait)
    {
        lock (_state.Lock)
        {
            _state.Lifecycle.AddWait(wait);
        }
    }

    internal void RemoveWait(IInterruptibleWait wait)
    {
        lock (_state.Lock)
        {
            _state.Lifecycle.RemoveWait(wait);
        }
    }

    /// <summary>Changes the handlers of an event.</summary>
    internal void ChangeHandlers(Action<DispatcherEvents> change)
    {
        lock (_state.Lock)
        {
            change(Events);
            _state.Observers.Refresh();
        }
    }

    private void OnLogFailed(string path, Exception exception)
    {
        InterruptSafe.Enter(_state.Lock);
        _state.Observers.OnLogFailed(path, exception);
        Monitor.Exit(_state.Lock);

        // The log may find out under the lock; whoever holds it then starts the threads when it leaves.
        if (!Monitor.IsEntered(_state.Lock))
        {
            StartThreads();
        }
    }

    private void OnAlarm()
    {
        // Lists for all that is due, made before the lock is taken.
        var due = new List<TaskContext>();
        var overdue = new List<TaskContext>();
        AfterLock after = default;
        Enter();
        try
        {
            long now = _state.Now();
            _state.Alarm.OnRing();
            _stops.TakeDue(now, due, overdue);
            Starts.OnTick(now);

            _scaler.OnTick(now);
            _status.OnTick(now);
            Settle();
            _state.Alarm.SetBy(Math.Min(
                Math.Min(_state.Running.NextDeadline, _status.NextExit),
                Math.Min(_scaler.NextDue, IsWorking ? _state.Pending.NextDue : Clock.Never)));
        }
        catch (OutOfMemoryException)
        {
            _stops.PostponeRest(due, overdue);
        }
        finally
        {
            Leave(ref after);
        }

        _stops.EndDue(due, overdue);
    }
}
