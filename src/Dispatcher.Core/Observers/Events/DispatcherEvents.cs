using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// Raises a dispatcher's events. What happens is noted under the scheduler's lock, which is what puts it in order, and
/// told on a thread that does nothing else: to the event source, and to each handler that was there when it happened.
/// </summary>
internal sealed class DispatcherEvents
{
    private readonly Dispatcher _dispatcher;
    private readonly DispatcherEventSource _source;
    private readonly BackgroundQueue<Action> _queue;
    private long _lost;

    internal DispatcherEvents(Dispatcher dispatcher, DispatcherEventSource source, Func<IDisposable>? enterThread)
    {
        _dispatcher = dispatcher;
        _source = source;

        // One at a time: a batch of slow ones would look like one that hangs.
        _queue = new BackgroundQueue<Action>(dispatcher.Clock, dispatcher.Name + " events", batchSize: 1, Deliver, rest: null, enterThread);
    }

    internal HandlerList<TaskFinishedEventArgs> TaskFinished { get; } = new();

    internal HandlerList<DispatcherStatusChangedEventArgs> StatusChanged { get; } = new();

    internal HandlerList<DispatcherScaledEventArgs> Scaled { get; } = new();

    internal HandlerList<WorkerReplacedEventArgs> WorkerReplaced { get; } = new();

    internal HandlerList<DispatcherLogFailedEventArgs> LogFailed { get; } = new();

    /// <summary>Starts the thread that tells, if there is something to tell and no thread that does.</summary>
    internal void Start() => _queue.Start();

    /// <summary>There was no memory for something to tell.</summary>
    internal void NoteLost() => _lost++;

    internal void NoteStarted(DispatchTask task, int worker)
    {
        int attempt = task.Attempt;
        Post(() => _source.TaskStarted(_dispatcher.Name, task.Id, task.Name, attempt, worker));
    }

    internal void NoteFinished(DispatchTask task)
    {
        if (IsHeard(TaskFinished))
        {
            Note(TaskFinished, new TaskFinishedEventArgs(task), nameof(TaskFinished), static (source, name, args) => source.TaskFinished(name, args.Task));
        }
    }

    internal void NoteStatus(DispatcherStatus before, DispatcherStatus after)
    {
        if (IsHeard(StatusChanged))
        {
            Note(
                StatusChanged,
                new DispatcherStatusChangedEventArgs(before, after),
                nameof(StatusChanged),
                static (source, name, args) => source.StatusChanged(name, args.OldStatus.ToString(), args.NewStatus.ToString()));
        }
    }

    internal void NoteScale(int before, int after)
    {
        if (IsHeard(Scaled))
        {
            Note(Scaled, new DispatcherScaledEventArgs(before, after), nameof(Scaled), static (source, name, args) => source.Scaled(name, args.OldCount, args.NewCount));
        }
    }

    internal void NoteReplaced(DispatchTask task, int worker, int? replacement)
    {
        if (IsHeard(WorkerReplaced))
        {
            Note(
                WorkerReplaced,
                new WorkerReplacedEventArgs(task, worker, replacement),
                nameof(WorkerReplaced),
                static (source, name, args) => source.WorkerReplaced(name, args.OldWorker, args.NewWorker ?? 0, args.Task.Id, args.Task.Name));
        }
    }

    internal void NoteLogFailed(string path, Exception exception)
    {
        if (IsHeard(LogFailed))
        {
            Note(
                LogFailed,
                new DispatcherLogFailedEventArgs(path, exception),
                nameof(LogFailed),
                static (source, name, args) => source.LogFailed(name, args.Path, DispatcherEventSource.Describe(args.Exception)));
        }
    }

    private bool IsHeard<TArgs>(HandlerList<TArgs> handlers)
        where TArgs : EventArgs => handlers.Current.Length > 0 || _source.IsEnabled();

    private void Note<TArgs>(HandlerList<TArgs> handlers, TArgs args, string eventName, Action<DispatcherEventSource, string, TArgs> trace)
        where TArgs : EventArgs
    {
        Subscription<TArgs>[] current = handlers.Current;
        Post(() =>
        {
            if (_source.IsEnabled())
            {
                trace(_source, _dispatcher.Name, args);
            }

            foreach (Subscription<TArgs> subscription in current)
            {
                Raise(subscription, args, eventName);
            }
        });
    }

    private void Post(Action tell)
    {
        if (!_queue.Post(tell))
        {
            _lost++;
        }
        else if (_lost > 0)
        {
            // It goes on: the place of the gap is before the next that was not lost.
            long lost = _lost;
            if (_queue.Post(() => _source.EventsLost(_dispatcher.Name, lost)))
            {
                _lost = 0;
            }
        }
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
            subscription.Handler(_dispatcher, args);
        }
        catch (Exception e)
        {
            // The handler's own affair: no other one, and no task, is to suffer from it.
            _source.HandlerFailed(_dispatcher.Name, eventName, DispatcherEventSource.Describe(e));
        }
    }

    private static void Deliver(List<Action> tell) => tell.ForEach(one => one());
}
