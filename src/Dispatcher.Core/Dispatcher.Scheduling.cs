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

    /// <summary>Called before a task waits for this dispatcher itself. <see cref="StartThreads"/> has to follow.</summary>
    internal void BlockWorker(Worker worker)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _pool.Block(worker);
            GrowForQueue();
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    /// <summary>Called after it. <see cref="StartThreads"/> has to follow.</summary>
    internal void UnblockWorker(Worker worker)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _pool.Unblock(worker);
            if (_pool.IsOverfull)
            {
                _pool.ShrinkTo(_pool.Limit);
                OnScaled();
            }
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    /// <summary>
    /// Starts what a step under the lock has asked for: workers, and the threads of the alarm, the events and the log. Called
    /// once the lock is left.
    /// </summary>
    internal void StartThreads()
    {
        if (_pool.HasUnstarted)
        {
            StartWorkers();
        }

        _alarm.Start();
        _log?.Start();
        _events?.Start();
    }

    /// <summary>A worker had no memory to end its task in order, or to take another: what it runs fails, and it goes.</summary>
    internal void EndBroken(Worker worker, Exception error)
    {
        TaskContext? context;
        DispatchTask? ended = null;
        InterruptSafe.Enter(_lock);
        try
        {
            context = worker.Running;
            if (context is not null && context.End() != AttemptState.Abandoned)
            {
                ended = EndAttempt(context, context.IsInGrace ? context.StopState : TaskState.Failed, context.IsInGrace ? null : error, Now());
            }

            if (worker.IsInPool)
            {
                int strength = _pool.Count;
                _pool.Release(worker);
                if (IsWorking)
                {
                    Grow(strength);
                }

                CallIdle();
                OnScaled();
            }

            SettleStatus();
        }
        finally
        {
            Leave();
        }

        ended?.NotifyEnded();
    }

    internal long GetExitDeadline()
    {
        long deadline = Clock.Add(Now(), s_exitLimit);
        if (deadline < _alarmAt)
        {
            _alarmAt = deadline;
            InterruptSafe.Prepare(_alarm, deadline);
        }

        return deadline;
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
        InterruptSafe.Enter(_lock);
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
            Leave();
        }

        ended?.NotifyEnded();
        return isDecided;
    }

    internal void OnExited(Worker worker)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _pool.Exited(worker);
            SettleStatus();
        }
        finally
        {
            Leave();
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
                Grow(_queue.Count > 0 ? _pool.Count + 1 : _pool.Min);
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
        // Taken before the lock: the task may have come since.
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
        if (state is (TaskState.Completed or TaskState.Failed) && context.HasLostRecord)
        {
            // The body may not have heard of it. The exception is this worker's only one, so that it goes after this.
            state = TaskState.Failed;
            error = context.Worker.NoMemory;
            context.Worker.StartedCount = int.MaxValue;
        }

        if (state == TaskState.TimedOut && task.Limit is { } limit)
        {
            error = CreateTimeout(task, limit, context.Worker);
        }

        if (error is null || _isDisposed || task.IsLastAttempt || task.Attempt > task.Options.Retries || !TryRetry(task, error, now))
        {
            return EndFinally(task, state, error, now);
        }

        return null;
    }

    private static Exception CreateTimeout(DispatchTask task, TimeSpan limit, Worker worker)
    {
        try
        {
            return new TaskTimeoutException(task, limit);
        }
        catch (OutOfMemoryException)
        {
            return worker.NoMemory;
        }
    }

    /// <summary>
    /// Has a task tried again: at once, and then whoever ran it sees to it that somebody looks for it, or later. It is no
    /// miss: the worker that ran it is free for it. <see langword="false"/> if there is no memory for that.
    /// </summary>
    private bool TryRetry(DispatchTask task, Exception error, long now)
    {
        bool isAtOnce = task.Options.RetryDelay == TimeSpan.Zero;
        try
        {
            var notice = new RetryNotice(task, error);
            if (!isAtOnce)
            {
                _retries.Add(task, Clock.Add(now, task.Options.RetryDelay));
            }

            task.EndAttempt(error, new TaskRecord(RecordKind.Warning, notice));
        }
        catch (OutOfMemoryException)
        {
            _retries.Remove(task);
            return false;
        }

        _counts[(int)TaskState.Pending]++;
        if (isAtOnce)
        {
            _queue.AddLast(task);
        }
        else
        {
            SetAlarmBy(task.DueAt);
        }

        return true;
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
            WatchGrowth();
        }
    }

    /// <summary>Has the pool grow to so many workers, where it may.</summary>
    private void Grow(int count)
    {
        _pool.GrowTo(count);
        WatchGrowth();
    }

    /// <summary>Where the pool could not grow for want of memory, it tries again a moment later.</summary>
    private void WatchGrowth()
    {
        if (_pool.IsHeldBack && _growAt == Clock.Never && IsWorking)
        {
            _growAt = Clock.Add(Now(), s_growthWait);
            SetAlarmBy(_growAt);
        }
    }

    private void StartWorkers()
    {
        while (true)
        {
            Worker? worker;
            InterruptSafe.Enter(_lock);
            try
            {
                worker = _pool.TakeUnstarted();
                if (worker is null && IsWorking)
                {
                    Grow(_pool.Min);
                    OnGrown();
                    worker = _pool.TakeUnstarted();
                }
            }
            finally
            {
                Monitor.Exit(_lock);
            }

            if (worker is null)
            {
                return;
            }

            if (!worker.TryStart())
            {
                OnStartFailed(worker);
                return;
            }
        }
    }

    private void OnStartFailed(Worker worker)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _pool.OnStartFailed(worker);
            WatchGrowth();
            OnScaled();
            SettleStatus();
        }
        finally
        {
            Monitor.Exit(_lock);
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

        WatchGrowth();
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
            _growAt = Clock.Never;
            _alarmAt = _pool.NextExit;
            InterruptSafe.Prepare(_alarm, _alarmAt);
        }

        if (_status == DispatcherStatus.Stopped && _pool.Exiting == 0)
        {
            if (_alarmAt != Clock.Never)
            {
                _alarmAt = Clock.Never;
                InterruptSafe.Prepare(_alarm, Clock.Never);
            }

            InterruptSafe.Set(_stopped);
        }
    }

    private void Enter() => InterruptSafe.Enter(_lock);

    /// <summary>Leaves the lock, and starts what was asked for under it.</summary>
    private void Leave()
    {
        Monitor.Exit(_lock);
        StartThreads();
    }

    private long Now() => Math.Max(1, InterruptSafe.GetTimestamp(Clock)); // 0 is a time that was not set.

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }

    private void Write<T>(ref T field, T value)
    {
        lock (_lock)
        {
            field = value;
        }
    }
}
