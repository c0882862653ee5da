using System;
using System.Threading;

namespace Dispatching;

/// <content>What happens, told to others: events, the event source, the log.</content>
public sealed partial class Dispatcher
{
    // Before the first task: whatever interrupts a worker must not hit the making of it.
    private static readonly DispatcherEventSource s_source = DispatcherEventSource.Log;

    private readonly TaskLog? _log;
    private readonly Func<IDisposable>? _enterEventThread;
    private DispatcherEvents? _events;
    private int _notedCount;

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
        add => Change(() => Events.TaskFinished.Add(value));
        remove => Change(() => Events.TaskFinished.Remove(value));
    }

    /// <summary>The dispatcher has another status.</summary>
    /// <remarks>Raised as <see cref="TaskFinished"/> is.</remarks>
    public event EventHandler<DispatcherStatusChangedEventArgs>? StatusChanged
    {
        add => Change(() => Events.StatusChanged.Add(value));
        remove => Change(() => Events.StatusChanged.Remove(value));
    }

    /// <summary>The pool has grown or shrunk. One worker that takes the place of another is no change.</summary>
    /// <remarks>Raised as <see cref="TaskFinished"/> is.</remarks>
    public event EventHandler<DispatcherScaledEventArgs>? Scaled
    {
        add => Change(() => Events.Scaled.Add(value));
        remove => Change(() => Events.Scaled.Remove(value));
    }

    /// <summary>A worker was given up because its task did not end, and there is a fresh one in its place.</summary>
    /// <remarks>Raised as <see cref="TaskFinished"/> is.</remarks>
    public event EventHandler<WorkerReplacedEventArgs>? WorkerReplaced
    {
        add => Change(() => Events.WorkerReplaced.Add(value));
        remove => Change(() => Events.WorkerReplaced.Remove(value));
    }

    /// <summary>The log could not be written. Raised for the first line that was lost, and again when lines are lost after others could be written; tasks go on.</summary>
    /// <remarks>Raised as <see cref="TaskFinished"/> is.</remarks>
    public event EventHandler<DispatcherLogFailedEventArgs>? LogFailed
    {
        add => Change(() => Events.LogFailed.Add(value));
        remove => Change(() => Events.LogFailed.Remove(value));
    }

    /// <summary>The full path of the file that gets a line for each ended task; <see langword="null"/> for none.</summary>
    public string? LogPath => _log?.Path;

    /// <summary>Why lines cannot be written to the log at the moment; <see langword="null"/> where there is no log, and when the last line was written.</summary>
    public Exception? LogError => _log?.Error;

    internal TaskLog? Log => _log;

    private DispatcherEvents Events => _events ??= new DispatcherEvents(this, s_source, _enterEventThread);

    private bool IsObserved => _events is not null || s_source.IsEnabled();

    internal void OnLogFailed(string path, Exception exception)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            if (IsObserved)
            {
                Events.NoteLogFailed(path, exception);
            }
        }
        finally
        {
            Leave();
        }
    }

    private void OnStarted(DispatchTask task, Worker worker)
    {
        try
        {
            if (s_source.IsEnabled())
            {
                Events.NoteStarted(task, worker.Number);
            }
        }
        catch (OutOfMemoryException)
        {
            // Here and below: what cannot be told is lost, and counted. What it is about goes on.
            _events?.NoteLost();
        }
    }

    private void OnFinished(DispatchTask task)
    {
        try
        {
            _log?.Add(task);
            if (IsObserved)
            {
                Events.NoteFinished(task);
            }
        }
        catch (OutOfMemoryException)
        {
            _events?.NoteLost();
        }
    }

    private void SetStatus(DispatcherStatus status)
    {
        DispatcherStatus before = _status;
        _status = status;
        InterruptWaits();
        try
        {
            if (IsObserved)
            {
                Events.NoteStatus(before, status);
            }
        }
        catch (OutOfMemoryException)
        {
            _events?.NoteLost();
        }
    }

    /// <summary>Called after each step that may have changed the number of workers.</summary>
    private void OnScaled()
    {
        int before = _notedCount;
        _notedCount = _pool.Count;
        try
        {
            if (before != _notedCount && IsObserved)
            {
                Events.NoteScale(before, _notedCount);
            }
        }
        catch (OutOfMemoryException)
        {
            _events?.NoteLost();
        }
    }

    /// <summary>The same for a step that only makes it grow: one less than was told of is about to be replaced.</summary>
    private void OnGrown()
    {
        if (_pool.Count > _notedCount)
        {
            OnScaled();
        }
    }

    private void OnReplaced(DispatchTask task, Worker abandoned, int lastNumber)
    {
        try
        {
            if (IsObserved)
            {
                Events.NoteReplaced(task, abandoned.Number, _pool.LastNumber > lastNumber ? _pool.LastNumber : null);
            }
        }
        catch (OutOfMemoryException)
        {
            _events?.NoteLost();
        }
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }
}
