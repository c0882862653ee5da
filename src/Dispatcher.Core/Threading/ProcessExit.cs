using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
#if NET
using System.Runtime.InteropServices;
#endif

namespace Dispatching;

/// <summary>
/// What happens when this process ends: in the normal way, by SIGTERM or by SIGHUP. First every scheduler is closed, so
/// that nothing starts any more; then what runs is stopped, and has its grace to end in order; what is left is killed; and
/// the logs are written. SIGKILL leaves no time for anything.
/// </summary>
internal static class ProcessExit
{
    // For threads to end, and what was killed to go.
    private static readonly TimeSpan s_afterGrace = TimeSpan.FromSeconds(1.5);

    // Whoever ends a process waits no longer than this before it kills it; and a grace can be a year.
    private static readonly TimeSpan s_longestGrace = TimeSpan.FromMinutes(1);

    // A disk that hangs must not keep the process.
    private static readonly TimeSpan s_logTimeout = TimeSpan.FromSeconds(2);

    private static readonly object s_lock = new();
    private static readonly object s_ending = new();
    private static readonly List<WeakReference<IExitingScheduler>> s_schedulers = [];
    private static readonly ConcurrentDictionary<IExitParticipant, bool> s_participants = new();
    private static int s_pruneAt = 16;
    private static bool s_hasBegun;
    private static bool s_isOver;
    private static volatile bool s_isSwept;
#if NET
    // From .NET 10 on, neither of them raises ProcessExit by itself. The default of each, to end the process, follows.
    private static readonly PosixSignalRegistration[] s_signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => EndAll()),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => EndAll()),
    ];
#endif

#pragma warning disable CA1810, S3963 // The registrations are the point, not the fields.
    static ProcessExit() => AppDomain.CurrentDomain.ProcessExit += (_, _) => EndAll();
#pragma warning restore CA1810, S3963

    /// <summary>Has a scheduler closed when this process ends, unless it was collected before.</summary>
    /// <returns><see langword="false"/> when the process is about to end, and the scheduler must not run.</returns>
    internal static bool Add(IExitingScheduler scheduler)
    {
        lock (s_lock)
        {
            if (s_schedulers.Count >= s_pruneAt)
            {
                s_schedulers.RemoveAll(one => !one.TryGetTarget(out _));
                s_pruneAt = Math.Max(16, 2 * s_schedulers.Count);
            }

            s_schedulers.Add(new WeakReference<IExitingScheduler>(scheduler));
            return !s_hasBegun;
        }
    }

    /// <summary>Has something killed when this process ends.</summary>
    internal static void Add(IExitParticipant participant)
    {
        s_participants[participant] = true;
        if (s_isSwept)
        {
            participant.OnProcessExit();
        }
    }

    internal static void Remove(IExitParticipant participant) => s_participants.TryRemove(participant, out _);

    private static void EndAll()
    {
        lock (s_ending)
        {
            if (s_isOver)
            {
                return;
            }

            s_isOver = true;
            List<IExitingScheduler> schedulers = TakeSchedulers();
            schedulers.ForEach(one => Guard(one.Close));
            schedulers.ForEach(one => Guard(one.StopRunning));

            // A task may be what ends the process. Its thread is here, and will not go back to it.
            schedulers.ForEach(one => Guard(one.AbandonCurrentTask));
            WaitForAll(schedulers);

            s_isSwept = true;
            foreach (IExitParticipant participant in s_participants.Keys)
            {
                Guard(participant.OnProcessExit);
            }

            var clock = Stopwatch.StartNew();
            schedulers.ForEach(one => Guard(() => one.Flush(Left(s_logTimeout, clock))));
        }
    }

    private static List<IExitingScheduler> TakeSchedulers()
    {
        var schedulers = new List<IExitingScheduler>();
        lock (s_lock)
        {
            s_hasBegun = true;
            foreach (WeakReference<IExitingScheduler> one in s_schedulers)
            {
                if (one.TryGetTarget(out IExitingScheduler? scheduler))
                {
                    schedulers.Add(scheduler);
                }
            }
        }

        return schedulers;
    }

    private static void WaitForAll(List<IExitingScheduler> schedulers)
    {
        TimeSpan grace = TimeSpan.Zero;
        foreach (IExitingScheduler scheduler in schedulers)
        {
            grace = scheduler.StopGrace > grace ? scheduler.StopGrace : grace;
        }

        TimeSpan timeout = (grace < s_longestGrace ? grace : s_longestGrace) + s_afterGrace;
        var clock = Stopwatch.StartNew();
        schedulers.ForEach(one => Guard(() => one.WaitUntilStopped(Left(timeout, clock))));
    }

    private static TimeSpan Left(TimeSpan timeout, Stopwatch clock) => timeout > clock.Elapsed ? timeout - clock.Elapsed : TimeSpan.Zero;

    private static void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception)
        {
            // The process ends; the others still have to be told.
        }
    }
}
