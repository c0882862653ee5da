using System;
using System.Linq;
using System.Threading;

namespace Dispatching;

/// <summary>
/// The state of one task, what it has written, and who follows it: all that changes together when an attempt writes or ends.
/// A struct in the task, since a task is held by the million. Safe to use from any thread.
/// </summary>
internal struct TaskOutputState
{
    // Shared, since a lock of its own would cost each pending task a word and an object. Only every fourth is used:
    // neighbours would share a cache line, and workers with neighbouring tasks that line.
    private static readonly object[] s_locks = Enumerable.Range(0, 4 * 64).Select(_ => new object()).ToArray();

    private TaskOutput _output;
    private TaskListeners _listeners;
    private TaskContext? _attempt;
    private int _state;

    internal TaskState State => (TaskState)Volatile.Read(ref _state);

    /// <summary>The attempt that runs, and alone may write.</summary>
    internal TaskContext? Attempt => Volatile.Read(ref _attempt);

    internal bool HadErrors => _output.HadErrors;

    internal object? FirstError => _output.FirstError;

    internal bool HasRecords => _output.HasRecords;

    internal bool HasUnreceived => _output.HasUnreceived;

    internal void SetPending() => Volatile.Write(ref _state, (int)TaskState.Pending);

    internal void SetRunning(TaskContext attempt)
    {
        Volatile.Write(ref _attempt, attempt);
        Volatile.Write(ref _state, (int)TaskState.Running);
    }

    internal string[] GetStandardError(long id)
    {
        lock (GetLock(id))
        {
            return _output.GetStandardError();
        }
    }

    internal void Subscribe(DispatchTask task, ITaskListener listener)
    {
        lock (GetLock(task.Id))
        {
            if (!task.IsEnded)
            {
                _listeners.Add(listener);
                return;
            }
        }

        listener.OnEnded(task);
    }

    internal void Unsubscribe(DispatchTask task, ITaskListener listener)
    {
        lock (GetLock(task.Id))
        {
            // One that has ended has told it, or is about to, and forgets it then.
            if (!task.IsEnded)
            {
                _listeners.Remove(listener);
            }
        }
    }

    internal void NotifyEnded(DispatchTask task) => _listeners.NotifyEnded(task);

    /// <returns><see langword="false"/> when the attempt has ended, and the record was dropped.</returns>
    internal bool Append(DispatchTask task, TaskContext attempt, TaskRecord record)
    {
        TaskListeners listeners;
        bool isFirst;
        bool isLarge;
        lock (GetLock(task.Id))
        {
            if (!ReferenceEquals(_attempt, attempt))
            {
                return false;
            }

            if (record.Kind == RecordKind.StandardError)
            {
                _output.WriteStandardError(record.Value?.ToString() ?? string.Empty);
                return true;
            }

            if (attempt.HoldsOutput && record.Kind != RecordKind.Progress)
            {
                attempt.Held.WriteSilently(record);
                return true;
            }

            if (attempt.Runner.ComputerName is not null && record.Kind != RecordKind.Progress)
            {
                attempt.HasPassedOn = true;
            }

            _output.Write(record, out isFirst);
            isLarge = _output.TrySetLarge();
            if (isLarge)
            {
                _output.Write(new TaskRecord(RecordKind.Warning, TaskOutput.DescribeLarge(task)), out _);
            }

            listeners = _listeners;
        }

        if (isLarge)
        {
            task.Owner?.OnLargeOutput(task);
        }

        listeners.NotifyRecord(task, isFirst);
        return true;
    }

    internal void WarnOfLarge(DispatchTask task, TaskContext attempt)
    {
        lock (GetLock(task.Id))
        {
            if (!_output.TrySetLargeOnce())
            {
                return;
            }
        }

        if (Append(task, attempt, new TaskRecord(RecordKind.Warning, TaskOutput.DescribeLarge(task))))
        {
            task.Owner?.OnLargeOutput(task);
        }
    }

    internal bool TrySetForgotten(long id, int period)
    {
        object outputLock = GetLock(id);
        InterruptSafe.Enter(outputLock);
        bool isForgotten = _output.TrySetForgotten(period);
        Monitor.Exit(outputLock);
        return isForgotten;
    }

    internal void Drop(long id, TaskContext attempt)
    {
        lock (GetLock(id))
        {
            if (ReferenceEquals(_attempt, attempt))
            {
                _output.Drop();
                attempt.Held.Drop();
            }
        }
    }

    internal void ReserveForHeld(long id, TaskContext attempt)
    {
        object outputLock = GetLock(id);
        InterruptSafe.Enter(outputLock);
        try
        {
            if (attempt.Held.HasRecords)
            {
                _output.Reserve(attempt.Held);
            }
        }
        catch (OutOfMemoryException)
        {
            attempt.DropHeld();
        }
        finally
        {
            Monitor.Exit(outputLock);
        }
    }

    /// <summary>Under the scheduler's lock: nobody is told here.</summary>
    internal void EndAttempt(DispatchTask task, TaskState state, Exception? error, RetryNotice? notice)
    {
        object outputLock = GetLock(task.Id);
        InterruptSafe.Enter(outputLock);
        try
        {
            SettleHeld(task, isKept: notice is null);
            if (notice is not null)
            {
                _output.WriteSilently(new TaskRecord(RecordKind.Warning, notice));
            }
            else if (error is not null)
            {
                _output.WriteFinalError(error);
            }

            if (state is TaskState.Pending or TaskState.Failed or TaskState.TimedOut)
            {
                _output.HadErrors = true;
            }

            _attempt = null;
            Volatile.Write(ref _state, (int)state);
        }
        finally
        {
            Monitor.Exit(outputLock);
        }
    }

    /// <summary>Ends an attempt whose host was lost. What it has held back goes, what it has passed on stays. Under the scheduler's lock, as <see cref="EndAttempt"/>.</summary>
    internal void RequeueAttempt(DispatchTask task, RequeueNotice notice)
    {
        object outputLock = GetLock(task.Id);
        InterruptSafe.Enter(outputLock);
        try
        {
            if (_attempt?.HasPassedOn == true)
            {
                _output.WriteSilently(new TaskRecord(RecordKind.Warning, notice));
            }

            SettleHeld(task, isKept: false);
            _attempt = null;
            Volatile.Write(ref _state, (int)TaskState.Pending);
        }
        finally
        {
            Monitor.Exit(outputLock);
        }
    }

    internal TaskRecord[] Receive(DispatchTask task, int start, bool takes, out int forgottenIn)
    {
        lock (GetLock(task.Id))
        {
            TaskRecord[] records = takes ? _output.Take(task.Exception) : _output.Copy(start, task.Exception);
            forgottenIn = _output.SetReceived();
            return records;
        }
    }

    private static object GetLock(long id) => s_locks[(id * 4) & (s_locks.Length - 1)];

    /// <summary>What an attempt has held back becomes the task's output, or is dropped for the next attempt.</summary>
    private void SettleHeld(DispatchTask task, bool isKept)
    {
        if (_attempt is { } attempt && attempt.Held.HasRecords)
        {
            if (isKept)
            {
                _output.Append(ref attempt.Held);
            }
            else
            {
                task.Conditions!.DroppedCount += attempt.Held.Count; // Whoever retries a task has made them.
                attempt.Held.Drop();
            }
        }

        if (isKept && task.Conditions is { DroppedCount: > 0 and var count })
        {
            _output.WriteSilently(new TaskRecord(RecordKind.Warning, new DroppedOutputNotice(task, count)));
        }
    }
}
