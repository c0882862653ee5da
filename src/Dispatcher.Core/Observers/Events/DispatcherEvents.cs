using System;

namespace Dispatching;

/// <summary>
/// Raises a dispatcher's events. What happens is noted under the scheduler's lock, which is what puts it in order, and
/// told on a thread that does nothing else, to each handler that was there when it happened.
/// </summary>
internal sealed class DispatcherEvents : ISchedulerObserver
{
    private readonly ITaskOwner _owner;
    private readonly DispatcherEventSource _source;
    private readonly EventQueue _queue;

    internal DispatcherEvents(ITaskOwner owner, DispatcherEventSource source, EventQueue queue)
    {
        _owner = owner;
        _source = source;
        _queue = queue;
    }

    internal HandlerList<TaskFinishedEventArgs> TaskFinished { get; } = new();

    internal HandlerList<DispatcherStatusChangedEventArgs> StatusChanged { get; } = new();

    internal HandlerList<DispatcherScaledEventArgs> Scaled { get; } = new();

    internal HandlerList<WorkerReplacedEventArgs> WorkerReplaced { get; } = new();

    internal HandlerList<DispatcherLogFailedEventArgs> LogFailed { get; } = new();

    /// <inheritdoc/>
    public bool IsListening => TaskFinished.Any || StatusChanged.Any || Scaled.Any || WorkerReplaced.Any || LogFailed.Any;

    /// <inheritdoc/>
    public void OnSending(DispatchTask task)
    {
        // Handlers get the task itself.
    }

    /// <inheritdoc/>
    public void OnTransition(DispatchTask task, TaskTransition transition)
    {
        if (transition == TaskTransition.Ended && TaskFinished.Any)
        {
            Post(TaskFinished, new TaskFinishedEventArgs(task), nameof(TaskFinished));
        }
    }

    /// <inheritdoc/>
    public void OnStatusChanged(DispatcherStatus before, DispatcherStatus after)
    {
        if (StatusChanged.Any)
        {
            Post(StatusChanged, new DispatcherStatusChangedEventArgs(before, after), nameof(StatusChanged));
        }
    }

    /// <inheritdoc/>
    public void OnScaled(int before, int after)
    {
        if (Scaled.Any)
        {
            Post(Scaled, new DispatcherScaledEventArgs(before, after), nameof(Scaled));
        }
    }

    /// <inheritdoc/>
    public void OnWorkerReplaced(DispatchTask task, int worker, int? replacement)
    {
        if (WorkerReplaced.Any)
        {
            Post(WorkerReplaced, new WorkerReplacedEventArgs(task, worker, replacement), nameof(WorkerReplaced));
        }
    }

    /// <inheritdoc/>
    public void OnSuspended(bool isSuspended)
    {
        // Whoever suspends a dispatcher knows. The event source tells of it.
    }

    /// <inheritdoc/>
    public void OnHalted(Exception reason)
    {
        // The tasks that are stopped are told of, and HaltReason says why.
    }

    /// <inheritdoc/>
    public void OnLogFailed(string path, Exception exception)
    {
        if (LogFailed.Any)
        {
            Post(LogFailed, new DispatcherLogFailedEventArgs(path, exception), nameof(LogFailed));
        }
    }

    /// <inheritdoc/>
    public void OnLost()
    {
        if (IsListening)
        {
            _queue.OnLost();
        }
    }

    /// <inheritdoc/>
    public void StartThread() => _queue.StartThread();

    private void Post<TArgs>(HandlerList<TArgs> handlers, TArgs args, string eventName)
        where TArgs : EventArgs
    {
        Subscription<TArgs>[] current = handlers.Current;
        _queue.Post(() =>
        {
            foreach (Subscription<TArgs> subscription in current)
            {
                Raise(subscription, args, eventName);
            }
        });
    }

    private void Raise<TArgs>(Subscription<TArgs> subscription, TArgs args, string eventName)
        where TArgs : EventArgs
    {
        if (subscription.IsRemoved)
        {
            return;
        }

        try
        {
            subscription.Handler(_owner.Facade, args);
        }
        catch (Exception e)
        {
            // The handler's own affair: no other one, and no task, is to suffer from it.
            _source.HandlerFailed(_owner.Name, eventName, LogText.OfException(e));
        }
    }
}
