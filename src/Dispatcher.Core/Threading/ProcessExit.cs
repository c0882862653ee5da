using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
#if NET
using System.Runtime.InteropServices;
#endif

namespace Dispatching;

/// <summary>
/// What happens when this process ends: in the normal way, by SIGTERM or by SIGHUP. First every dispatcher is closed, so
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
    private static readonly TimeSpan s_logLimit = TimeSpan.FromSeconds(2);

    private static readonly object s_lock = new();
    private static readonly object s_ending = new();
    private static readonly List<WeakReference<Dispatcher>> s_dispatchers = [];
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

    /// <summary>Has a dispatcher closed when this process ends, as long as it is there.</summary>
    /// <returns><see langword="false"/> when the process is about to end, and the dispatcher must not run.</returns>
    internal static bool Add(Dispatcher dispatcher)
    {
        lock (s_lock)
        {
            if (s_dispatchers.Count >= s_pruneAt)
            {
                s_dispatchers.RemoveAll(one => !one.TryGetTarget(out _));
                s_pruneAt = Math.Max(16, 2 * s_dispatchers.Count);
            }

            s_dispatchers.Add(new WeakReference<Dispatcher>(dispatcher));
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
            List<Dispatcher> dispatchers = TakeDispatchers();
            dispatchers.ForEach(one => Guard(one.Close));
            dispatchers.ForEach(one => Guard(one.StopRunningTasks));

            // A task may be what ends the process. Its thread is here, and will not go back to it.
            Guard(() => Worker.Current?.AbandonTask());
            WaitForAll(dispatchers);

            s_isSwept = true;
            foreach (IExitParticipant participant in s_participants.Keys)
            {
                Guard(participant.OnProcessExit);
            }

            var clock = Stopwatch.StartNew();
            dispatchers.ForEach(one => Guard(() => one.Log?.Flush(Left(s_logLimit, clock))));
        }
    }

    private static List<Dispatcher> TakeDispatchers()
    {
        var dispatchers = new List<Dispatcher>();
        lock (s_lock)
        {
            s_hasBegun = true;
            foreach (WeakReference<Dispatcher> one in s_dispatchers)
            {
                if (one.TryGetTarget(out Dispatcher? dispatcher))
                {
                    dispatchers.Add(dispatcher);
                }
            }
        }

        return dispatchers;
    }

    private static void WaitForAll(List<Dispatcher> dispatchers)
    {
        TimeSpan grace = TimeSpan.Zero;
        foreach (Dispatcher dispatcher in dispatchers)
        {
            grace = dispatcher.StopGrace > grace ? dispatcher.StopGrace : grace;
        }

        TimeSpan limit = (grace < s_longestGrace ? grace : s_longestGrace) + s_afterGrace;
        var clock = Stopwatch.StartNew();
        dispatchers.ForEach(one => Guard(() => one.BeginQuit(drain: false).Wait(Left(limit, clock), default)));
    }

    private static TimeSpan Left(TimeSpan limit, Stopwatch clock) => limit > clock.Elapsed ? limit - clock.Elapsed : TimeSpan.Zero;

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
