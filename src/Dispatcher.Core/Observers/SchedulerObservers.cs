using System;

namespace Dispatching;

/// <summary>
/// The observers of one scheduler. Immutable. What an observer has no memory to note is lost for it, and counted; what it
/// is about goes on.
/// </summary>
internal sealed class SchedulerObservers
{
    private readonly ITaskObserver[] _all;
    private readonly ISchedulerObserver[] _ofScheduler;

    internal SchedulerObservers(ISchedulerObserver[] ofScheduler, params ITaskObserver[] ofTasks)
    {
        _all = [.. ofTasks, .. ofScheduler];
        _ofScheduler = ofScheduler;
    }

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

    internal void OnStatusChanged(DispatcherStatus before, DispatcherStatus after) => Tell(observer => observer.OnStatusChanged(before, after));

    internal void OnScaled(int before, int after) => Tell(observer => observer.OnScaled(before, after));

    internal void OnWorkerReplaced(DispatchTask task, int worker, int? replacement) =>
        Tell(observer => observer.OnWorkerReplaced(task, worker, replacement));

    internal void OnLogFailed(string path, Exception exception) => Tell(observer => observer.OnLogFailed(path, exception));

    /// <summary>See <see cref="ITaskObserver.StartThread"/>.</summary>
    internal void StartThreads()
    {
        foreach (ITaskObserver observer in _all)
        {
            observer.StartThread();
        }
    }

    private void Tell(Action<ISchedulerObserver> tell)
    {
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
