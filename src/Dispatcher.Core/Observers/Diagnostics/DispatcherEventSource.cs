using System;
using System.Diagnostics.Tracing;

namespace Dispatching;

/// <summary>
/// What all dispatchers of the process do, for dotnet-trace, PerfView and every <see cref="EventListener"/>. The names,
/// ids and payloads are API. Written by the thread that raises a dispatcher's events, so that no listener runs under a
/// lock or holds a worker; the time stamp of an event is therefore a little later than what it tells of.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term>1 TaskStarted (Verbose, Tasks)</term><description>dispatcher, taskId, taskName, attempt, worker</description></item>
/// <item><term>2 TaskFinished (Informational, Tasks)</term><description>dispatcher, taskId, taskName, state, attempt, worker (0: none), waitSeconds, durationSeconds, error</description></item>
/// <item><term>3 StatusChanged (Informational, Dispatcher)</term><description>dispatcher, oldStatus, newStatus</description></item>
/// <item><term>4 Scaled (Informational, Dispatcher)</term><description>dispatcher, oldCount, newCount</description></item>
/// <item><term>5 WorkerReplaced (Warning, Dispatcher)</term><description>dispatcher, oldWorker, newWorker (0: none), taskId, taskName</description></item>
/// <item><term>6 HandlerFailed (Error, Dispatcher)</term><description>dispatcher, eventName, error</description></item>
/// <item><term>7 LogFailed (Error, Dispatcher)</term><description>dispatcher, path, error</description></item>
/// <item><term>8 EventsLost (Error, Dispatcher)</term><description>dispatcher, count</description></item>
/// <item><term>9 TaskRetrying (Informational, Tasks)</term><description>dispatcher, taskId, taskName, attempt (the one that ended), delaySeconds, error</description></item>
/// <item><term>10 Suspended (Informational, Dispatcher)</term><description>dispatcher, isSuspended</description></item>
/// <item><term>11 Halted (Error, Dispatcher)</term><description>dispatcher, reason</description></item>
/// </list>
/// </remarks>
[EventSource(Name = SourceName)]
internal sealed class DispatcherEventSource : EventSource
{
    private const string SourceName = "Dispatching.Dispatcher";

    // With a manifest, its making would add some 20 ms to the first dispatcher of every process, heard or not.
    private DispatcherEventSource()
        : base(SourceName, EventSourceSettings.EtwSelfDescribingEventFormat)
    {
    }

    internal static DispatcherEventSource Log { get; } = new();

    [Event(1, Level = EventLevel.Verbose, Keywords = Keywords.Tasks, Message = "{0}: task {1} {2}, attempt {3}, on worker {4}")]
    public void TaskStarted(string dispatcher, long taskId, string taskName, int attempt, int worker)
    {
        if (IsEnabled(EventLevel.Verbose, Keywords.Tasks))
        {
            WriteEvent(1, dispatcher, taskId, taskName, attempt, worker);
        }
    }

    [Event(2, Level = EventLevel.Informational, Keywords = Keywords.Tasks, Message = "{0}: task {1} {2} is {3} after {7} s")]
    public void TaskFinished(string dispatcher, long taskId, string taskName, string state, int attempt, int worker, double waitSeconds, double durationSeconds, string error)
    {
        if (IsEnabled(EventLevel.Informational, Keywords.Tasks))
        {
            WriteEvent(2, dispatcher, taskId, taskName, state, attempt, worker, waitSeconds, durationSeconds, error);
        }
    }

    [Event(3, Level = EventLevel.Informational, Keywords = Keywords.Dispatcher, Message = "{0}: {1} -> {2}")]
    public void StatusChanged(string dispatcher, string oldStatus, string newStatus) => WriteEvent(3, dispatcher, oldStatus, newStatus);

    [Event(4, Level = EventLevel.Informational, Keywords = Keywords.Dispatcher, Message = "{0}: {1} -> {2} workers")]
    public void Scaled(string dispatcher, int oldCount, int newCount) => WriteEvent(4, dispatcher, oldCount, newCount);

    [Event(5, Level = EventLevel.Warning, Keywords = Keywords.Dispatcher, Message = "{0}: worker {1} was abandoned for {2}; task {3} {4} held it")]
    public void WorkerReplaced(string dispatcher, int oldWorker, int newWorker, long taskId, string taskName) =>
        WriteEvent(5, dispatcher, oldWorker, newWorker, taskId, taskName);

    [Event(6, Level = EventLevel.Error, Keywords = Keywords.Dispatcher, Message = "{0}: a handler of {1} threw {2}")]
    public void HandlerFailed(string dispatcher, string eventName, string error) => WriteEvent(6, dispatcher, eventName, error);

    [Event(7, Level = EventLevel.Error, Keywords = Keywords.Dispatcher, Message = "{0}: the log {1} could not be written: {2}")]
    public void LogFailed(string dispatcher, string path, string error) => WriteEvent(7, dispatcher, path, error);

    [Event(8, Level = EventLevel.Error, Keywords = Keywords.Dispatcher, Message = "{0}: {1} events were not raised, because a handler hangs")]
    public void EventsLost(string dispatcher, long count) => WriteEvent(8, dispatcher, count);

    [Event(9, Level = EventLevel.Informational, Keywords = Keywords.Tasks, Message = "{0}: attempt {3} of task {1} {2} failed, and the next comes in {4} s")]
    public void TaskRetrying(string dispatcher, long taskId, string taskName, int attempt, double delaySeconds, string error)
    {
        if (IsEnabled(EventLevel.Informational, Keywords.Tasks))
        {
            WriteEvent(9, dispatcher, taskId, taskName, attempt, delaySeconds, error);
        }
    }

    [Event(10, Level = EventLevel.Informational, Keywords = Keywords.Dispatcher, Message = "{0}: suspended: {1}")]
    public void Suspended(string dispatcher, bool isSuspended) => WriteEvent(10, dispatcher, isSuspended);

    [Event(11, Level = EventLevel.Error, Keywords = Keywords.Dispatcher, Message = "{0}: {1}")]
    public void Halted(string dispatcher, string reason) => WriteEvent(11, dispatcher, reason);

    [NonEvent]
    internal void TaskFinished(string dispatcher, DispatchTask task)
    {
        if (IsEnabled(EventLevel.Informational, Keywords.Tasks))
        {
            TaskFinished(
                dispatcher,
                task.Id,
                task.Name,
                task.State.ToString(),
                task.Attempt,
                task.Worker ?? 0,
                task.WaitTime?.TotalSeconds ?? 0,
                task.Duration?.TotalSeconds ?? 0,
                task.Exception is { } error ? task.DescribeError(error) : string.Empty);
        }
    }

    /// <summary>What a listener may choose.</summary>
    public static class Keywords
    {
        /// <summary>What becomes of tasks.</summary>
        public const EventKeywords Tasks = (EventKeywords)1;

        /// <summary>Status, number of workers, faults.</summary>
        public const EventKeywords Dispatcher = (EventKeywords)2;
    }
}
