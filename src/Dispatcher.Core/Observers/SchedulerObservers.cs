using System;

namespace Dispatching;

/// <summary>
/// The observers of one scheduler. What an observer has no memory to note is lost for it, and counted; what it is about
/// goes on. While nobody listens, a transition costs a check of two flags. The scheduler's lock guards it.
/// </summary>
internal sealed class SchedulerObservers
{
    private readonly ITaskObserver[] _all;
    private readonly ISchedulerObserver[] _ofScheduler;
    private readonly DispatcherEventSource _source;
    private bool _isListening;
    private volatile bool _hasTold;

    /// <param name="source">Whether anybody listens to it is not known to its observer alone.</param>
    /// <param name="ofScheduler">The observers that are told of the scheduler as well.</param>
    /// <param name="ofTasks">The other ones.</param>
    internal SchedulerObservers(DispatcherEventSource source, ISchedulerObserver[] ofScheduler, params ITaskObserver[] ofTasks)
    {
        _source = source;
        _all = [.. ofTasks, .. ofScheduler];
        _ofScheduler = ofScheduler;
        Refresh();
    }

    /// <summary>Asks all of them whether they listen: for one to whom that has changed.</summary>
    internal void Refresh() => _isListening = Array.Exists(_all, observer => observer.IsListening);

    /// <summary>See <see cref="ITaskObserver.OnSending"/>.</summary>
    internal void OnSending(DispatchTask task)
    {
        foreach (ITaskObserver observer in _all)
        {
            observer.OnSending(task);
        }
    }

    /// <summary>See <see cref="ITaskObserver.OnTransition"/>.</summary>
    internal void OnTransition(DispatchTask task, TaskTransition transition)
    {
        if (_isListening || _source.IsEnabled())
        {
            Tell(task, transition);
        }
    }

    internal void OnStatusChanged(DispatcherStatus before, DispatcherStatus after) => Tell(observer => observer.OnStatusChanged(before, after));

    internal void OnScaled(int before, int after) => Tell(observer => observer.OnScaled(before, after));

    internal void OnWorkerReplaced(DispatchTask task, int worker, int? replacement) =>
        Tell(observer => observer.OnWorkerReplaced(task, worker, replacement));

    internal void OnSuspended(bool isSuspended) => Tell(observer => observer.OnSuspended(isSuspended));

    internal void OnHalted(Exception reason) => Tell(observer => observer.OnHalted(reason));

    internal void OnLogFailed(string path, Exception exception) => Tell(observer => observer.OnLogFailed(path, exception));

    /// <summary>See <see cref="ITaskObserver.StartThread"/>. Needs no lock.</summary>
    internal void StartThreads()
    {
        if (_hasTold)
        {
            foreach (ITaskObserver observer in _all)
            {
                observer.StartThread();
            }
        }
    }

    private void Tell(DispatchTask task, TaskTransition transition)
    {
        _hasTold = true;
        foreach (ITaskObserver observer in _all)
        {
            try
            {
                observer.OnTransition(task, transition);
            }
            catch (OutOfMemoryException)
            {
                observer.OnLost();
            }
        }
    }

    private void Tell(Action<ISchedulerObserver> tell)
    {
        if (!_isListening && !_source.IsEnabled())
        {
            return;
        }

        _hasTold = true;
        foreach (ISchedulerObserver observer in _ofScheduler)
        {
            try
            {
                tell(observer);
            }
            catch (OutOfMemoryException)
            {
                observer.OnLost();
            }
        }
    }
}
