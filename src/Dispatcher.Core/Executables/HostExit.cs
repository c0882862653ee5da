using System;
using System.Collections.Concurrent;
#if NET
using System.Runtime.InteropServices;
#endif

namespace Dispatching;

/// <summary>
/// Ends what was started when this process ends: in the normal way, by SIGTERM or by SIGHUP. SIGKILL leaves no time for
/// anything.
/// </summary>
internal static class HostExit
{
    private static readonly ConcurrentDictionary<IExitParticipant, bool> s_participants = new();
#if NET
    // From .NET 10 on, neither of them raises ProcessExit by itself. The default of each, to end the process, follows.
    private static readonly PosixSignalRegistration[] s_signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => EndAll()),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => EndAll()),
    ];
#endif

#pragma warning disable CA1810, S3963 // The registrations are the point, not the fields.
    static HostExit() => AppDomain.CurrentDomain.ProcessExit += (_, _) => EndAll();
#pragma warning restore CA1810, S3963

    internal static void Add(IExitParticipant participant) => s_participants[participant] = true;

    internal static void Remove(IExitParticipant participant) => s_participants.TryRemove(participant, out _);

    private static void EndAll()
    {
        foreach (IExitParticipant participant in s_participants.Keys)
        {
            try
            {
                participant.OnHostExit();
            }
            catch (Exception)
            {
                // The process ends; the others still have to be told.
            }
        }
    }
}
