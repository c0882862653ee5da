using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// Hands ready tasks out to runners that have them sent elsewhere before they start. What becomes of each is reported to
/// <see cref="RemoteHandout"/>. Safe to use from any thread.
/// </summary>
internal sealed class ClaimHandout
{
    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly PendingTasks _pending;
    private readonly RemoteRunners _runners;
    private readonly TaskHandout _handout;
    private TaskConditions? _spare;

    internal ClaimHandout(Scheduler scheduler, SchedulerState state, TaskHandout handout)
    {
        _scheduler = scheduler;
        _state = state;
        _pending = state.Pending;
        _runners = state.Pending.Runners;
        _handout = handout;
    }

    /// <summary>
    /// Claims ready tasks for a runner, which sends them to its far end, in the order in which workers would get them. Where
    /// it gets fewer, it is woken when there are more, and then has to claim again, if only for none. While others wait for
    /// tasks it gets its share.
    /// </summary>
    /// <param name="runner">The runner. One that has left gets nothing.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="claimed">Gets the tasks. Each is to be started, or to be returned.</param>
    internal void Claim(RemoteRunner runner, int max, List<DispatchTask> claimed)
    {
        long now = _state.Now();
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (!runner.HasLeft)
            {
                _state.Takers.Remove(runner);
                _pending.Rate.Update(now);
                bool isServed = max <= ClaimEach(runner, max, now, claimed);
                _runners.MoveLast(runner);
                _pending.Ready.Note(runner.HostName);

                // The others first: one that has got its share comes after them.
                _handout.Scaler.WakeIdle();
                _handout.OnHandedOut(isServed ? null : runner);
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>
    /// Claims ready tasks for a worker beside the one that it runs. Nobody else is to wait for them: there are none while a worker
    /// is idle, or while the rate is limited; they are script blocks, and a part of those that are ready.
    /// </summary>
    internal void ClaimAhead(Worker worker, int max, List<DispatchTask> claimed)
    {
        long now = _state.Now();
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (worker.IsInPool && _state.Lifecycle.IsWorking && !_handout.Pool.IsOverfull && !_handout.Pool.HasFree && _pending.Rate.Rate is null)
            {
                SentTasks sent = _runners.GetSent(worker);
                int left = Math.Min(max, _handout.MaxTasksPerWorker - worker.StartedCount - sent.Count);
                ClaimHosted(sent, Math.Min(left, _pending.StartableCount / _handout.Pool.Count), now, claimed);
                _handout.OnHandedOut(unserved: null);
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    /// <summary>Claims so many at most, and no more than its share while others wait. Returns how many.</summary>
    private int ClaimEach(RemoteRunner runner, int max, long now, List<DispatchTask> claimed)
    {
        SentTasks sent = _runners.GetSent(runner);
        string host = runner.HostName;
        int pinned = _pending.Ready.CountPinned(host);
        int pinnedLeft = pinned == 0 ? 0 : Share(pinned, _runners.GetRunnersOn(host).FindAll(WaitingTakers.WantsTasks).Count);
        int unpinnedLeft = Share(_pending.StartableCount, _state.Takers.Count);
        int done = 0;
        for (; done < max && _state.Lifecycle.IsWorking; done++)
        {
            if (TryClaim(sent, unpinnedLeft > 0, pinnedLeft > 0, now, claimed) is not { } task)
            {
                break;
            }

            unpinnedLeft -= task.Options.HostName is null ? 1 : 0;
            pinnedLeft -= task.Options.HostName is null ? 0 : 1;
        }

        return done;
    }

    private void ClaimHosted(SentTasks sent, int max, long now, List<DispatchTask> claimed)
    {
        for (int left = max; left > 0 && _pending.PeekNext()?.Body is IHostedDispatchable; left--)
        {
            TryClaim(sent, takesUnpinned: true, takesPinned: false, now, claimed);
        }
    }

    private DispatchTask? TryClaim(SentTasks sent, bool takesUnpinned, bool takesPinned, long now, List<DispatchTask> claimed)
    {
        // What needs memory comes before the task is taken.
        _spare ??= new TaskConditions();
        if (claimed.Count == claimed.Capacity)
        {
            claimed.Capacity = Math.Max(4, claimed.Capacity * 2);
        }

        if (_pending.SendNext(sent, takesUnpinned, takesPinned, now) is not { } task)
        {
            return null;
        }

        if (task.Conditions is null)
        {
            // It will note the machine.
            task.Conditions = _spare;
            _spare = null;
        }

        claimed.Add(task);
        return task;
    }

    // Rounded up: where there is one, somebody gets it.
    private static int Share(int count, int others) => (int)(((long)count + others) / (others + 1L));
}
