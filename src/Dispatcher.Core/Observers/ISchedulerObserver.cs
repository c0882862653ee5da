using System;

namespace Dispatching;

/// <summary>Is told, beside what happens to tasks, what becomes of the scheduler itself. Called as <see cref="ITaskObserver.OnTransition"/> is.</summary>
internal interface ISchedulerObserver : ITaskObserver
{
    void OnStatusChanged(DispatcherStatus before, DispatcherStatus after);

    /// <summary>The pool has another number of workers.</summary>
    void OnScaled(int before, int after);

    /// <summary>A worker was abandoned with its task. There is no replacement where none could be started.</summary>
    void OnWorkerReplaced(DispatchTask task, int worker, int? replacement);

    /// <summary>Tasks start no more until that is over, or start again.</summary>
    void OnSuspended(bool isSuspended);

    /// <summary>Too many tasks have failed, or it has taken too long: what was pending was stopped.</summary>
    void OnHalted(Exception reason);

    void OnLogFailed(string path, Exception exception);
}
