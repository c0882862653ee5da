using System;

namespace Dispatching;

/// <summary>Passes what happens on to the event source. Costs a check of a flag while nobody listens.</summary>
internal sealed class EventSourceObserver : ISchedulerObserver
{
    private readonly ITaskOwner _owner;
    private readonly DispatcherEventSource _source;
    private readonly EventQueue _queue;

    internal EventSourceObserver(ITaskOwner owner, DispatcherEventSource source, EventQueue queue)
    {
        _owner = owner;
        _source = source;
        _queue = queue;
    }

    /// <inheritdoc/>
    public bool IsListening => _source.IsEnabled();

    /// <inheritdoc/>
    public void OnSending(DispatchTask task)
    {
        // Nothing of the item is traced.
    }

    /// <inheritdoc/>
    public void OnTransition(DispatchTask task, TaskTransition transition)
    {
        if (!_source.IsEnabled())
        {
            return;
        }

        if (transition == TaskTransition.Started)
        {
            OnStarted(task);
        }
        else if (transition == TaskTransition.AttemptEnded)
        {
            OnRetrying(task);
        }
        else if (transition == TaskTransition.Ended)
        {
            OnEnded(task);
        }
    }

    /// <inheritdoc/>
    public void OnStatusChanged(DispatcherStatus before, DispatcherStatus after)
    {
        if (_source.IsEnabled())
        {
            _queue.Post(() => _source.StatusChanged(_owner.Name, before.ToString(), after.ToString()));
        }
    }

    /// <inheritdoc/>
    public void OnScaled(int before, int after)
    {
        if (_source.IsEnabled())
        {
            _queue.Post(() => _source.Scaled(_owner.Name, before, after));
        }
    }

    /// <inheritdoc/>
    public void OnWorkerReplaced(DispatchTask task, int worker, int? replacement)
    {
        if (_source.IsEnabled())
        {
            _queue.Post(() => _source.WorkerReplaced(_owner.Name, worker, replacement ?? 0, task.Id, task.Name));
        }
    }

    /// <inheritdoc/>
    public void OnLogFailed(string path, Exception exception)
    {
        if (_source.IsEnabled())
        {
            _queue.Post(() => _source.LogFailed(_owner.Name, path, LogText.OfException(exception)));
        }
    }

    /// <inheritdoc/>
    public void OnLost()
    {
        if (_source.IsEnabled())
        {
            _queue.OnLost();
        }
    }

    /// <inheritdoc/>
    public void StartThread() => _queue.StartThread();

    /// <inheritdoc/>
    public void OnSuspended(bool isSuspended)
    {
        if (_source.IsEnabled())
        {
            _queue.Post(() => _source.Suspended(_owner.Name, isSuspended));
        }
    }

    /// <inheritdoc/>
    public void OnHalted(Exception reason)
    {
        if (_source.IsEnabled())
        {
            _queue.Post(() => _source.Halted(_owner.Name, reason.Message));
        }
    }

    // Each closure in a method of its own: it is allocated where its method begins, whether it is used or not.
    private void OnEnded(DispatchTask task) => _queue.Post(() => _source.TaskFinished(_owner.Name, task));

    private void OnRetrying(DispatchTask task)
    {
        int attempt = task.Attempt;
        Exception? error = task.Exception;
        double delay = (task.DueAt - task.Owner?.Clock.ToDateTime(task.Owner.Clock.GetTimestamp()))?.TotalSeconds ?? 0;
        _queue.Post(() => _source.TaskRetrying(_owner.Name, task.Id, task.Name, attempt, Math.Max(0, delay), error is null ? string.Empty : task.DescribeError(error)));
    }

    private void OnStarted(DispatchTask task)
    {
        int attempt = task.Attempt;
        int worker = task.Worker ?? 0;
        _queue.Post(() => _source.TaskStarted(_owner.Name, task.Id, task.Name, attempt, worker));
    }
}
