using BenchmarkDotNet.Running;

namespace Dispatching.Benchmarks;

/// <summary>
/// Without arguments, the table of README.md: what tasks cost, beside others. With arguments, BenchmarkDotNet's
/// (<c>--filter '*'</c>): what each step of a task takes and allocates.
/// </summary>
internal static class Program
{
    private static void Main(string[] args)
    {
        if (args.Length > 0)
        {
            BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
            return;
        }

        SpeedTable.Print();
    }
}
