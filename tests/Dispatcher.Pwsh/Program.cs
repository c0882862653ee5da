using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Dispatching.Pwsh;

/// <summary>
/// Starts the pinned PowerShell with the arguments that it gets, as pwsh takes them, and ends with its exit code. The module
/// that the build has staged is found by its name. Input, output and errors are those of this process; SIGTERM and SIGHUP are passed on.
/// </summary>
internal static partial class Program
{
    // 127 as shells have it for a command that is not found.
    private const int NotFound = 127;

    private static int Main(string[] args)
    {
        string library = Metadata("PowerShell");
        if (!File.Exists(library))
        {
            Console.Error.WriteLine("PowerShell is not at '" + library + "'. Run this first: dotnet restore");
            return NotFound;
        }

        using Process? process = StartIgnoringInterrupt(library, args);
        if (process is null)
        {
            return NotFound;
        }

        process.WaitForExit();
        return process.ExitCode;
    }

    private static Process? StartIgnoringInterrupt(string library, string[] args)
    {
        var start = new ProcessStartInfo(Host(), [library, "-NoProfile", .. args]);
        IDictionary<string, string?> environment = start.Environment;
        environment.TryGetValue("PSModulePath", out string? inherited);
        environment["PSModulePath"] = string.Join(Path.PathSeparator, new[] { Metadata("StagedModuleRoot"), inherited }.Where(one => !string.IsNullOrEmpty(one)));
        environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        environment["POWERSHELL_UPDATECHECK"] = "Off";

        // Windows clients refuse scripts otherwise; other systems have no policy.
        environment["PSExecutionPolicyPreference"] = "Bypass";

        // A terminal sends Ctrl+C to both processes: PowerShell ends the script, this one waits for PowerShell.
        Console.CancelKeyPress += (_, e) => e.Cancel = true;
        Process? process = Process.Start(start);
        if (process is not null && !OperatingSystem.IsWindows())
        {
            PassOn(PosixSignal.SIGTERM, 15, process.Id);
            PassOn(PosixSignal.SIGHUP, 1, process.Id);
        }

        return process;
    }

    private static void PassOn(PosixSignal signal, int number, int processId) =>
        s_registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            _ = Kill(processId, number);
        }));

    private static readonly List<PosixSignalRegistration> s_registrations = [];

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    // The dotnet of the runtime that this process has, <root>/shared/Microsoft.NETCore.App/<version>: PATH need not lead to one.
    private static string Host() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private static string Metadata(string key) =>
        typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == key).Value ?? string.Empty;
}
