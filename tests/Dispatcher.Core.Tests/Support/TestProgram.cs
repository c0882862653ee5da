using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using Xunit;

namespace Dispatching.Tests.Support;

/// <summary>The executable that these tests run, and the processes it leaves.</summary>
internal static class TestProgram
{
    internal static string Path { get; } = typeof(TestProgram).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "TestProcess").Value + (OperatingSystem.IsWindows() ? ".exe" : string.Empty);

    internal static DispatchTask Task(params string[] arguments) => new(new ExecutableTask(Path, arguments));

    internal static DispatchTask Shell(string script, TaskOptions? options = null) => new(new ExecutableTask("sh", ["-c", script]), options);

    internal static string[] Lines(DispatchTask task, RecordKind kind = RecordKind.Output) => kind == RecordKind.StandardError
        ? task.GetStandardError()
        : [.. task.GetRecords().Where(record => record.Kind == kind).Select(record => (string)record.Value!)];

    /// <summary>Waits until the task has written so many lines.</summary>
    internal static string[] WaitForLines(DispatchTask task, int count)
    {
        Bounded.Until(() => Lines(task).Length >= count || task.IsEnded, "the program's output");
        string[] lines = Lines(task);
        Assert.True(lines.Length >= count, "The program ended early: " + task.Exception?.Message);
        return lines;
    }

    /// <summary>Waits until the task has written the ids of so many processes, and looks at each of them.</summary>
    internal static LivingProcess[] WaitForProcesses(DispatchTask task, int count) =>
        [.. WaitForLines(task, count).Take(count).Select(line => LivingProcess.Get(int.Parse(line, CultureInfo.InvariantCulture)))];
}

/// <summary>A process, told apart from a later one of the same id by its start time.</summary>
internal sealed record LivingProcess(int Id, string StartTime)
{
    /// <summary>Whether it runs; a zombie does not.</summary>
    internal bool IsAlive => Read(Id) is { } fields && fields[0] != "Z" && fields[19] == StartTime;

    internal static LivingProcess Get(int id)
    {
        string[]? fields = Read(id);
        Assert.True(fields is not null, "The process is not there.");
        return new LivingProcess(id, fields[19]);
    }

    internal static bool Exists(int id) => Read(id) is { } fields && fields[0] != "Z";

    internal static void CheckAllGone(IEnumerable<LivingProcess> processes)
    {
        // A killed process is gone when the kernel comes to it.
        foreach (LivingProcess process in processes)
        {
            Bounded.Until(() => !process.IsAlive, "process " + process.Id.ToString(CultureInfo.InvariantCulture) + " to be gone");
        }
    }

    /// <summary>Returns the fields behind the name in /proc/PID/stat; null when there is no such process.</summary>
    private static string[]? Read(int id)
    {
        try
        {
            string text = File.ReadAllText("/proc/" + id.ToString(CultureInfo.InvariantCulture) + "/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
