using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Dispatching.Benchmarks;

/// <summary>Measures, and prints the table of README.md.</summary>
internal static class SpeedTable
{
    private const int Million = 1_000_000;

    internal static void Print()
    {
        Console.WriteLine(Format($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors; scripts in {Script.Host}"));
        Console.WriteLine();
        Console.WriteLine("| what | measured | against | measured | ratio | target | met |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (Func<IEnumerable<Row>> part in new Func<IEnumerable<Row>>[] { Core, Tasks, Hashing, Memory, Start, Lateness, Growth })
        {
            foreach (Row row in part())
            {
                Console.WriteLine(Format($"| {row.What} | {row.Ours} | {row.Against} | {row.Peer} | {row.Ratio} | {row.Target} | {(row.IsMet ? "yes" : "no")} |"));
            }
        }
    }

    private static IEnumerable<Row> Core()
    {
        double[] times = Statistic.Medians(
            warmUp: 3,
            rounds: 7,
            () => CoreLoad.RunChannel(Million, readers: 2),
            () => CoreLoad.RunDispatcher(Million, producers: 1, workers: 2),
            () => CoreLoad.RunDispatcher(Million, producers: 8, workers: 8),
            () => CoreLoad.RunPriorities(Million, workers: 2),
            () => CoreLoad.RunGroups(Million, workers: 2),
            () => CoreLoad.RunDependencies(Million, workers: 2));
        yield return AtMost("core: 1,000,000 tasks that do nothing, 2 workers", times[1], "a bare channel of delegates, 2 reader threads", times[0], "ns a task", 4);
        yield return AtMost("core: the same, with ten priorities", times[3], "without", times[1], "ns a task", 2);
        yield return AtMost("core: the same, in 1,000 groups", times[4], "without", times[1], "ns a task", 2);
        yield return AtMost("core: the same in stages, nine depend on one", times[5], "without", times[1], "ns a task", 2);
        yield return AtMost("core: 8 producers, 8 workers", times[2], "1 producer, 2 workers", times[1], "ns a task", 1.5);
    }

    private static IEnumerable<Row> Tasks()
    {
        Dictionary<string, double> times = Script.Run("Compare-Overhead.ps1", "-Raw");
        double invoke = times["Invoke-DispatchTask"];
        double parallel = times["ForEach-Object -Parallel"];
        yield return TimesFaster("1..20000 \\| Invoke-DispatchTask { $_ + 1 }, 2 workers", invoke, "ForEach-Object -Parallel", parallel, "us a task", 100);
        yield return AtMost("the same", invoke, "serial: foreach { & { $_ + 1 } }", times["serial: foreach { & { } }"], "us a task", 2);
        yield return TimesFaster("Send, Wait, Receive with 20,000 handles", times["Send; Wait; Receive"], "ForEach-Object -Parallel", parallel, "us a task", 50);
    }

    private static IEnumerable<Row> Hashing()
    {
        Dictionary<string, double> times = Script.Run("Measure-Hashing.ps1");
        yield return TimesFaster("200 tasks that hash for 5 ms, 2 workers", times["dispatcher"], "the serial loop", times["serial"], "ms", 1.85);
    }

    private static IEnumerable<Row> Memory()
    {
        Dictionary<string, double> bytes = Script.Run("Measure-Memory.ps1");
        yield return new Row("memory of a pending script-block task, over 1,000,000", Format($"{bytes["pending"]:n0} bytes"), string.Empty, string.Empty, string.Empty, "at most 300 bytes", bytes["pending"] <= 300);
        string peer = bytes.TryGetValue("threadjob", out double job) ? Format($"{job:n0} bytes") : "not installed";
        yield return new Row("memory of an ended, held task with one small output", Format($"{bytes["held"]:n0} bytes"), "a ThreadJob", peer, string.Empty, "at most 1,024 bytes", bytes["held"] <= 1024);
    }

    private static IEnumerable<Row> Start()
    {
        Script.InstallPackage();
        yield return Fresh("Import-Module Dispatcher, fresh process", "Import", "Import-Module Microsoft.PowerShell.ThreadJob", "ThreadJobImport", 1.25);
        yield return Fresh("New, Start, Send, Receive of the first task", "FirstTask", "the first ForEach-Object -Parallel", "FirstParallel", 1.5);
    }

    private static IEnumerable<Row> Lateness()
    {
        Dictionary<string, double> late = Script.Run("Measure-Lateness.ps1");
        yield return new Row("lateness of 1,000 one-second timeouts over 64 stuck workers, 99 %", Format($"{late["late"]:n0} ms"), "Timeout + StopGrace", string.Empty, string.Empty, "at most 100 ms", late["late"] <= 100);
    }

    private static IEnumerable<Row> Growth()
    {
        Dictionary<string, double> times = Script.Run("Measure-Growth.ps1");
        yield return AtMost("a task of 1,000,000 through Invoke-DispatchTask", times["many"], "one of 10,000", times["few"], "us a task", 1.1);
    }

    private static Row Fresh(string what, string ours, string against, string peer, double target)
    {
        double? own = Script.RunFresh(rounds: 7, "Measure-Start.ps1", ours);
        return own is { } value && Script.RunFresh(rounds: 7, "Measure-Start.ps1", peer) is { } other
            ? AtMost(what, value, against, other, "ms", target)
            : new Row(what, own is null ? "cannot run here" : Format($"{own:n1} ms"), against, "not installed", string.Empty, Format($"at most {target} x"), IsMet: false);
    }

    private static Row AtMost(string what, double ours, string against, double peer, string unit, double target) => new(
        what, Format($"{ours:n1} {unit}"), against, Format($"{peer:n1} {unit}"), Format($"{ours / peer:n2} x"), Format($"at most {target} x"), ours <= target * peer);

    private static Row TimesFaster(string what, double ours, string against, double peer, string unit, double target) => new(
        what, Format($"{ours:n1} {unit}"), against, Format($"{peer:n1} {unit}"), Format($"{peer / ours:n2} x faster"), Format($"at least {target} x"), peer >= target * ours);

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
