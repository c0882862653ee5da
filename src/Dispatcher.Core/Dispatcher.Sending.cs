using System;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <content>How tasks come in, and how their senders wait for room.</content>
public sealed partial class Dispatcher
{
    /// <summary>Sends a task with default settings. See <see cref="Dispatch(DispatchTask)"/>.</summary>
    public bool Dispatch(IDispatchable body) => Dispatch(new DispatchTask(body));

    /// <summary>Sends a task, and never blocks. Works before <see cref="Run"/>.</summary>
    /// <returns>
    /// <see langword="true"/>: it is in the bounded queue, or on a worker. <see langword="false"/>: the queue was full; in
    /// <see cref="QueueFullMode.Overflow"/> mode the task was accepted all the same, in the others it was not.
    /// </returns>
    /// <exception cref="InvalidOperationException">The task was sent before.</exception>
    /// <exception cref="ObjectDisposedException">The dispatcher has been disposed of.</exception>
    public bool Dispatch(DispatchTask task)
    {
        Require.NotNull(task, nameof(task));
        NoteInput(task);
        long now = Now();
        InterruptSafe.Enter(_lock);
        try
        {
            CheckUnsent(task);
            if (!TryAccept(task, now, out bool isQueued))
            {
                _rejected++;
            }

            return isQueued;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Sends a task; in <see cref="QueueFullMode.Wait"/> mode, waits for room in the queue first. In the other modes
    /// this is <see cref="Dispatch(DispatchTask)"/>.
    /// </summary>
    /// <returns>Whether the task was accepted.</returns>
    /// <exception cref="InvalidOperationException">The task was sent before; or the queue is full while the dispatcher does not run, so that nothing would ever make room.</exception>
    /// <exception cref="ObjectDisposedException">The dispatcher has been disposed of.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; the task was not accepted.</exception>
    public bool Send(DispatchTask task, CancellationToken cancellationToken = default)
    {
        Require.NotNull(task, nameof(task));
        NoteInput(task);
        BlockedScope? blocked = null;
        try
        {
            while (true)
            {
                ManualResetEventSlim room;
                long now = Now();
                InterruptSafe.Enter(_lock);
                try
                {
                    CheckUnsent(task);
                    if (TryAccept(task, now, out _))
                    {
                        return true;
                    }

                    if (QueueFullMode == QueueFullMode.Reject)
                    {
                        _rejected++;
                        return false;
                    }

                    if (!IsWorking)
                    {
                        throw new InvalidOperationException(string.Format(
                            CultureInfo.InvariantCulture,
                            "The queue of dispatcher '{0}' is full ({1} tasks) and it is not running, so nothing would make room. Start it before you send more.",
                            Name,
                            _queue.Count));
                    }

                    room = new ManualResetEventSlim();
                    _senders.Add(room);
                }
                finally
                {
                    Leave();
                }

                blocked ??= BlockedScope.For(this);
                WaitForRoom(room, cancellationToken);
            }
        }
        finally
        {
            blocked?.Dispose();
        }
    }

    /// <summary>Sends a task if there is room for it now; otherwise, it can be sent again.</summary>
    internal bool TryDispatch(DispatchTask task)
    {
        NoteInput(task);
        long now = Now();
        InterruptSafe.Enter(_lock);
        try
        {
            CheckUnsent(task);
            return TryAccept(task, now, out _);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Takes down what the log tells of the item. On the sender's own thread, since the item may have code of its own.</summary>
    private void NoteInput(DispatchTask task)
    {
        if (_log is { } log)
        {
            task.NoteInput(log.Input);
        }
    }

    private void CheckUnsent(DispatchTask task)
    {
        ThrowIfDisposed();
        if (task.Dispatcher is not null)
        {
            throw SentBefore(task);
        }

        if (task.List is not null)
        {
            throw new InvalidOperationException("Task " + task.Name + " is in a TaskStack; take it out before you send it.");
        }
    }

    private static InvalidOperationException SentBefore(DispatchTask task) =>
        new("Task " + task.Name + " was sent before; make another one for each time it is to run.");

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw new ObjectDisposedException(Name, "Dispatcher '" + Name + "' has been removed.");
        }
    }

    /// <summary>Takes a new task in, unless the queue is full and there is no overflow.</summary>
    private bool TryAccept(DispatchTask task, long now, out bool isQueued)
    {
        // Tasks that idle workers are about to take wait in the queue too, and do not count for its bound.
        isQueued = _queue.Count - (IsWorking ? _pool.IdleCount : 0) < _maxBufferedTasks;
        if (!isQueued && QueueFullMode != QueueFullMode.Overflow)
        {
            return false;
        }

        if (!task.TryAssign(this))
        {
            // Another dispatcher was faster; its lock is not this one.
            throw SentBefore(task);
        }

        task.QueuedTimestamp = now;
        _sent++;
        task.SetPending();
        _counts[(int)TaskState.Pending]++;
        if (isQueued)
        {
            _queue.AddLast(task);
        }
        else
        {
            _overflow.Tasks.AddLast(task);
        }

        CallWorker();
        return true;
    }

    /// <summary>
    /// Lets waiting senders try again once the queue is down to half: woken for each task that leaves, sender and
    /// worker would take turns at every single one. A sender that waits long looks for itself, since the tasks that
    /// run may in turn wait for what it is to send.
    /// </summary>
    private void ReleaseSenders()
    {
        if (_senders.Count > 0 && (_queue.Count <= _maxBufferedTasks / 2 || !IsWorking))
        {
            _senders.ForEach(InterruptSafe.Set);
            _senders.Clear();
        }
    }

    private void WaitForRoom(ManualResetEventSlim room, CancellationToken cancellationToken)
    {
        try
        {
            _ = room.Wait(s_roomCheck, cancellationToken);
        }
        finally
        {
            InterruptSafe.Enter(_lock);
            _senders.Remove(room);
            Monitor.Exit(_lock);
        }
    }
}
