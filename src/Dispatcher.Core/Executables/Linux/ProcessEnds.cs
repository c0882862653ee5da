using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace Dispatching;

/// <summary>Waits for processes that are not children of this one.</summary>
internal static class ProcessEnds
{
    /// <summary>Blocks until all have ended, or the time is up.</summary>
    internal static void Wait(IEnumerable<ProcessIdentity> processes, TimeSpan timeout)
    {
        var clock = Stopwatch.StartNew();
        foreach (ProcessIdentity process in processes)
        {
            int number = LinuxNative.OpenPidFd(process.Id);
            if (number < 0)
            {
                continue;
            }

            using Descriptor exit = Descriptor.Take(number);
            if (ProcessSnapshot.IsAlive(process))
            {
                double left = Math.Max(0, (timeout - clock.Elapsed).TotalMilliseconds);
                _ = LinuxNative.Poll([new PollEntry { File = exit.Number, Events = LinuxNative.PollIn }], (UIntPtr)1, (int)Math.Min(int.MaxValue, Math.Ceiling(left)));
            }
        }
    }
}
