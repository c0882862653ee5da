using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// What the events and the trace of one dispatcher have to tell, in order, on a background thread that they share. The
/// scheduler's lock guards it.
/// </summary>
internal sealed class EventQueue
{
    private readonly ITaskOwner _owner;
    private readonly DispatcherEventSource _source;
    private readonly BackgroundQueue<Action> _queue;
    private long _lost;

    internal EventQueue(ITaskOwner owner, DispatcherEventSource source, Func<IDisposable>? enterThread)
    {
        _owner = owner;
        _source = source;

        // One at a time: a batch of slow ones would look like one that hangs.
        _queue = new BackgroundQueue<Action>(owner.Clock, owner.Name + " events", batchSize: 1, Deliver, enterThread);
    }

    /// <summary>Starts the thread, if there is something to tell and no thread that does.</summary>
    internal void StartThread() => _queue.Start();

    /// <summary>There was no memory for something to tell.</summary>
    internal void OnLost() => _lost++;

    internal void Post(Action tell)
    {
        if (!_queue.Post(tell))
        {
            _lost++;
        }
        else if (_lost > 0)
        {
            // It goes on: the place of the gap is before the next that was not lost.
            long lost = _lost;
            if (_queue.Post(() => _source.EventsLost(_owner.Name, lost)))
            {
                _lost = 0;
            }
        }
    }

    private static void Deliver(List<Action> tell) => tell.ForEach(one => one());
}
