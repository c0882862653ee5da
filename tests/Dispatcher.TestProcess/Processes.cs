using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace Dispatching.TestProcess;

/// <summary>The verbs that sleep and the processes they start.</summary>
internal static class Processes
{
    /// <summary>What the child of <c>detached</c> runs.</summary>
    public const string SleepInOwnSessionVerb = "sleep-in-own-session";

    public static void Sleep(TimeSpan duration) => Thread.Sleep(duration);

    public static void SleepThroughTermination(TimeSpan duration)
    {
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        Output.Line("ready");
        Thread.Sleep(duration);
    }

    public static void SpawnTree(int depth, TimeSpan duration)
    {
        if (depth > 0)
        {
            Output.Line(Start("spawn-tree", Text(depth - 1), Text(duration)));
        }

        Thread.Sleep(duration);
    }

    public static void SpawnDetached(TimeSpan duration)
    {
        _ = Start(SleepInOwnSessionVerb, Text(duration));
        Thread.Sleep(duration);
    }

    public static void SleepInOwnSession(TimeSpan duration)
    {
        // Windows has no sessions of this kind: there the child is an ordinary one.
        if (!OperatingSystem.IsWindows() && NewSession() < 0)
        {
            throw new InvalidOperationException("setsid failed");
        }

        // Printed by the child, since its parent cannot know when it has left the session.
        Output.Line(Text(Environment.ProcessId));
        Thread.Sleep(duration);
    }

    /// <summary>Starts this program again; the child inherits the standard streams.</summary>
    /// <returns>The child's process id.</returns>
    public static string Start(params string[] arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is unknown.");
        ProcessStartInfo start = new(program);
        if (string.Equals(Path.GetFileNameWithoutExtension(program), "dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process child = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
        return Text(child.Id);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(TimeSpan duration) => duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    [DllImport("libc", EntryPoint = "setsid", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NewSession();
}
