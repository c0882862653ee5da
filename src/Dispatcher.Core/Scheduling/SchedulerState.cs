using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// The parts of a scheduler that hold its state, and the one lock that guards them all. Each part owns its own; what the
/// parts do together is in <see cref="Scheduler"/>, <see cref="TaskSubmission"/>, <see cref="TaskHandout"/>,
/// <see cref="RemoteHandout"/>, <see cref="StartConditions"/>, <see cref="AttemptStart"/>, <see cref="AttemptEnd"/>, <see cref="StatusChanges"/>, <see cref="PoolScaler"/> and <see cref="StopEscalation"/>.
/// </summary>
internal sealed class SchedulerState
{
    internal SchedulerState(Clock clock, DispatcherOptions options, UnreceivedOutput unreceived, SchedulerObservers observers, Action onAlarm)
    {
        Clock = clock;
        Observers = observers;
        Lifecycle = new Lifecycle(Lock, observers);
        Pending = new PendingTasks(Lock, options.QueueSize);
        Running = new RunningAttempts(Lock);
        Counts = new TaskCounts(Lock);
        Senders = new SpaceWaiters(Lock);
        Takers = new WaitingTakers(Lock);
        Failures = new FailurePolicy(Lock) { Limit = options.MaxFailures, Action = options.FailureAction };
        Pending.Rate.Set(options.RateLimit, now: 0);
        Pending.Groups.Limit = options.GroupLimit;
        Random = options.Random;
        History = new TaskHistory(options.HistorySize, unreceived);
        Alarm = new SchedulerAlarm(Lock, clock, onAlarm);
    }

    /// <summary>
    /// Guards all scheduling state, that of tasks, attempts and workers included. It is held for a moment: under it no user
    /// code runs, no file is touched and no thread is started. Locks that may be taken inside it are leaves: those on the
    /// output of tasks, of waits, of the alarm, of background queues and of an idle worker's signal.
    /// </summary>
    internal object Lock { get; } = new();

    internal Clock Clock { get; }

    internal SchedulerObservers Observers { get; }

    internal Lifecycle Lifecycle { get; }

    internal PendingTasks Pending { get; }

    internal RunningAttempts Running { get; }

    internal TaskCounts Counts { get; }

    internal SpaceWaiters Senders { get; }

    internal WaitingTakers Takers { get; }

    internal FailurePolicy Failures { get; }

    internal TaskHistory History { get; }

    internal SchedulerAlarm Alarm { get; }

    /// <summary>Draws a number from 0 to less than 1, for jitter. Under the scheduler's lock.</summary>
    internal Func<double> Random { get; }

    /// <summary>Now, which is never 0: that is a time that was not set.</summary>
    internal long Now() => Math.Max(1, InterruptSafe.GetTimestamp(Clock));

    /// <summary>Whatever has become ready in this step, the alarm rings when the rate lets it start.</summary>
    internal void WatchRate()
    {
        if (Pending.Rate.Rate is not null && Lifecycle.IsWorking)
        {
            Alarm.SetBy(Pending.NextDue);
        }
    }

    /// <summary>All tasks that have not ended, and the ended ones that are remembered, by id.</summary>
    internal List<DispatchTask> GetTasks()
    {
        var tasks = new List<DispatchTask>();
        lock (Lock)
        {
            History.CopyTo(tasks);
            Pending.CopyTo(tasks);
            foreach (TaskContext attempt in Running.All)
            {
                tasks.Add(attempt.Task);
            }
        }

        tasks.Sort((x, y) => x.Id.CompareTo(y.Id));
        return tasks;
    }

    /// <summary>What is true whenever the lock is taken, and again when it is left.</summary>
    [Conditional("DEBUG")]
    internal void AssertInvariants()
    {
        Debug.Assert(Monitor.IsEntered(Lock), "The scheduler's lock is not held.");
        Debug.Assert(Counts.AddUp, "Each accepted task is in one state.");
        Debug.Assert(Counts.Pending == Pending.Count, "Each pending task is in one set.");
        Debug.Assert(Counts.Running == Running.Count, "Each running task has one attempt.");
        Debug.Assert(!Pending.IsOverflowStranded, "The overflow waits although the queue has space.");
        Debug.Assert(Lifecycle.Status != DispatcherStatus.Stopped || Running.Count == 0, "A stopped scheduler runs nothing.");
        Debug.Assert(Lifecycle.Status != DispatcherStatus.Stopped || Pending.Runners.SentCount == 0, "A stopped scheduler has nothing sent.");
        Debug.Assert(Pending.Runners.AddUp, "Each sent task belongs to one runner.");
        Debug.Assert(Pending.Rate.OpenCount >= Pending.Runners.SentCount, "Each sent task is an open start.");
        Debug.Assert(!Lifecycle.IsClosed || Pending.Count == 0, "A closed scheduler keeps nothing.");
    }
}
