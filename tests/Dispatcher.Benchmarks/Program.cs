using System;
using System.Globalization;
using System.Diagnostics;
namespace Dispatching.Benchmarks;

internal static class Program
{
    private static void Main(string[] args)
    {
        for (int round = 0; round < 6; round++)
        {
            if (args.Length == 0)
            {
                Console.WriteLine("channel {0:n0}  2/1 {1:n0}  8/8 {2:n0}  10k {3:n0}", CoreLoad.RunChannel(1_000_000, 2), CoreLoad.RunDispatcher(1_000_000, 1, 2), CoreLoad.RunDispatcher(1_000_000, 8, 8), CoreLoad.RunDispatcher(10_000, 1, 2));
            }
            else
            {
                var p = Process.GetCurrentProcess();
                TimeSpan u = p.UserProcessorTime, k = p.PrivilegedProcessorTime;
                int g0 = GC.CollectionCount(0), g1 = GC.CollectionCount(1), g2 = GC.CollectionCount(2);
                TimeSpan pause = GC.GetTotalPauseDuration();
                long a = GC.GetTotalAllocatedBytes();
                double t = args[0] == "channel" ? CoreLoad.RunChannel(1_000_000, 2) : CoreLoad.RunDispatcher(1_000_000, int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
                p.Refresh();
                Console.WriteLine("{0:n0} ns  user {1:n0} sys {2:n0}  gc {3} {4} {5} pause {6:n0} ms alloc {7:n0} B", t, (p.UserProcessorTime - u).TotalMilliseconds, (p.PrivilegedProcessorTime - k).TotalMilliseconds, GC.CollectionCount(0) - g0, GC.CollectionCount(1) - g1, GC.CollectionCount(2) - g2, (GC.GetTotalPauseDuration() - pause).TotalMilliseconds, (GC.GetTotalAllocatedBytes() - a) / 1e6);
            }
        }
    }
}
