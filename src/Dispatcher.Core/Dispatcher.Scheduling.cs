using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <content>Behind the public members: how tasks go to workers and end, and how the pool follows them.</content>
public sealed partial class Dispatcher
{
    internal IWorkerHost CreateHost() => _createHost?.Invoke()
        ?? throw new InvalidOperationException("The task runs only inside a worker host, and dispatcher '" + Name + "' makes none.");

    internal IDisposable LendPlace()
    {
        lock (_gate)
        {
            _pool.Lent++;
            GrowForQueue();
        }

        return new LentPlace(this);
    }

    /// <summary>A worker hands in a task that ended by itself, and asks for the next.</summary>
    /// <returns>
    /// <see langword="false"/> when there is nothing to do now: the worker has to wait until it is handed a task, or
    /// retired. Otherwise <paramref name="next"/> is its task, or <see langword="null"/> when it is to end.
    /// </returns>
    internal bool TryAdvance(Worker worker, TaskContext? finished, Exception? error, out TaskContext? next)
    {
        DispatchTask? ended = null;
        bool isDecided;
        long now = Now();
        worker.PrepareContext();
        Uninterrupted.Enter(_gate);
        try
        {
            _pool.Arrived(worker);
            if (finished is not null)
            {
                ended = EndAttempt(finished, error is null ? TaskState.Completed : TaskState.Failed, error, now);
            }

            isDecided = TryTakeNext(worker, now, out next);
        }
        finally
        {
            Monitor.Exit(_gate);
        }

        ended?.NotifyEnded();
        return isDecided;
    }

    internal void OnExited(Worker worker)
    {
        Uninterrupted.Enter(_gate);
        try
        {
            _pool.Exited(worker);
            SettleStatus();
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    private static void CheckWorkers(int min, int max)
    {
        if (max < min)
        {
            throw new ArgumentOutOfRangeException(nameof(max), max, string.Format(
                CultureInfo.InvariantCulture, "MaxWorkers must be at least MinWorkers, which is {0}.", min));
        }
    }

    private bool TryTakeNext(Worker worker, long now, out TaskContext? next)
    {
        next = null;
        bool isWornOut = worker.StartedCount >= _maxTasksPerWorker;
        if (worker.IsInPool && (_status == DispatcherStatus.Stopping || _pool.IsOverfull || isWornOut))
        {
            _pool.Release(worker);
            if (isWornOut && IsWorking)
            {
                _pool.GrowTo(_queue.Count > 0 ? _pool.Count + 1 : _pool.Min);
            }

            OnScaled();
        }

        SettleStatus();
        if (!worker.IsInPool)
        {
            CallIdle();
            return true;
        }

        if (_queue.RemoveFirst() is not { } task)
        {
            _pool.AddIdle(worker);
            ScheduleScaleDown();
            return false;
        }

        if (_pool.IdleCount == 0)
        {
            _scaleDownAt = Clock.Never;
        }

        RefillQueue();
        ReleaseSenders();
        CallIdle();
        _counts[(int)TaskState.Pending]--;
        next = StartOn(worker, task, now);
        return true;
    }

    private TaskContext StartOn(Worker worker, DispatchTask task, long now)
    {
        // Taken before the gate: the task may have come since.
        now = Math.Max(now, task.QueuedTimestamp);
        TaskContext context = worker.TakeContext(task, ++task.Attempt);
        TimeSpan limit = task.Options.Timeout ?? _taskTimeout;
        task.Limit = limit;
        task.StartedTimestamp = now;
        task.Worker = worker.Number;
        task.SetRunning(context);
        worker.Running = context;
        worker.StartedCount++;
        OnStarted(task, worker);
        _counts[(int)TaskState.Running]++;
        context.AwaitsHost = worker.Host is null && task.Body is IHostedDispatchable;
        context.Deadline = Clock.Add(now, context.AwaitsHost && limit >= TimeSpan.Zero && limit < s_hostLimit ? s_hostLimit : limit);
        SetAlarmBy(context.Deadline);
        return context;
    }

    /// <summary>Ends an attempt, and returns the task if it was the last.</summary>
    private DispatchTask? EndAttempt(TaskContext context, TaskState state, Exception? error, long now)
    {
        DispatchTask task = context.Task;
        context.Worker.Running = null;
        _counts[(int)TaskState.Running]--;
        if (state == TaskState.TimedOut && task.Limit is { } limit)
        {
            error = new TaskTimeoutException(task, limit);
        }

        if (error is null || _isDisposed || task.IsLastAttempt || task.Attempt > task.Options.Retries)
        {
            return EndFinally(task, state, error, now);
        }

        task.EndAttempt(error, new TaskRecord(RecordKind.Warning, new RetryNotice(task, error)));
        _counts[(int)TaskState.Pending]++;
        if (task.Options.RetryDelay == TimeSpan.Zero)
        {
            Requeue(task);
        }
        else
        {
            _retries.Add(task, Clock.Add(now, task.Options.RetryDelay));
            SetAlarmBy(task.DueAt);
        }

        return null;
    }

    private DispatchTask EndFinally(DispatchTask task, TaskState state, Exception? error, long now)
    {
        task.EndedTimestamp = now;
        task.SetEnded(state, error);
        _counts[(int)state]++;
        _history.Add(task);
        OnFinished(task);
        return task;
    }

    /// <summary>Queues a task for its next attempt, whether or not the queue is full: it was accepted long ago.</summary>
    private void Requeue(DispatchTask task)
    {
        _queue.AddLast(task);
        CallWorker();
    }

    private void RefillQueue()
    {
        while (_queue.Count < _maxBufferedTasks && _overflow.Pop() is { } task)
        {
            _queue.AddLast(task);
        }
    }

    /// <summary>A task has come into the queue: has a worker look for it, and the pool grow if none has time.</summary>
    private void CallWorker()
    {
        CallIdle();
        if (IsWorking)
        {
            _pool.GrowOnMiss(_queue.Count);
            OnGrown();
        }
    }

    /// <summary>
    /// Wakes an idle worker, unless one is on its way: that one wakes the next, if there is still work for it. Woken for
    /// each task, workers would fall asleep again after each, which costs more than most small tasks.
    /// </summary>
    private void CallIdle()
    {
        if (_queue.Count > 0 && IsWorking)
        {
            _pool.CallIdle();
        }
    }

    /// <summary>Makes up for the misses of tasks that came while the pool could not grow.</summary>
    private void GrowForQueue()
    {
        int before = -1;
        while (IsWorking && _pool.Count != before)
        {
            before = _pool.Count;
            _pool.GrowOnMiss(_queue.Count);
        }

        OnScaled();
    }

    private void ScheduleScaleDown()
    {
        if (IsWorking && _scaleDownAt == Clock.Never && _pool.IdleCount > 0 && _pool.Count > _pool.Min)
        {
            _scaleDownAt = Clock.Add(Now(), _scaleDownInterval);
            SetAlarmBy(_scaleDownAt);
        }
    }

    private void ScaleDown(long now)
    {
        if (IsWorking && _scaleDownAt <= now)
        {
            _scaleDownAt = Clock.Never;
            if (_queue.Count == 0) // Otherwise the idle ones are about to take what is queued.
            {
                _pool.ShrinkTo(Math.Max(_pool.Min, _pool.Count / 2));
                OnScaled();
            }

            ScheduleScaleDown();
        }
    }

    private void BeginStopping()
    {
        SetStatus(DispatcherStatus.Stopping);
        _pool.Clear();
        OnScaled();
        ReleaseSenders();
    }

    /// <summary>Makes the moves of status that are due.</summary>
    private void SettleStatus()
    {
        if (_status == DispatcherStatus.Draining && IsDrained)
        {
            BeginStopping();
        }

        if (_status == DispatcherStatus.Stopping && _pool.Count == 0)
        {
            SetStatus(DispatcherStatus.Stopped);
            _scaleDownAt = Clock.Never;
            _alarmAt = Clock.Never;
            Uninterrupted.Set(_alarm, Clock.Never);
        }

        if (_status == DispatcherStatus.Stopped && _pool.Exiting == 0)
        {
            Uninterrupted.Set(_quiet);
        }
    }

    private long Now() => Math.Max(1, Uninterrupted.GetTimestamp(Clock)); // 0 is a time that was not set.

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void Write<T>(ref T field, T value)
    {
        lock (_gate)
        {
            field = value;
        }
    }

    /// <summary>The place of a worker whose task waits, until it is disposed of.</summary>
    private sealed class LentPlace(Dispatcher owner) : IDisposable
    {
        public void Dispose()
        {
            Uninterrupted.Enter(owner._gate);
            try
            {
                owner._pool.Lent--;
                if (owner._pool.IsOverfull)
                {
                    owner._pool.ShrinkTo(owner._pool.Max + owner._pool.Lent);
                    owner.OnScaled();
                }
            }
            finally
            {
                Monitor.Exit(owner._gate);
            }
        }
    }
}
