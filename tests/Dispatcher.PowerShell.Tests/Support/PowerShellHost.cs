using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;

namespace Dispatching.PowerShell.Tests;

/// <summary>The pinned PowerShell, as a process of its own.</summary>
public static class PowerShellHost
{
    private static readonly string s_library = Path.GetFullPath(StagedModule.Metadata("PowerShell"));

    /// <summary>Its program and what stands before all other arguments, for a process whose PATH leads to no dotnet.</summary>
    public static IReadOnlyList<string> Program { get; } =
    [
        // The dotnet of the runtime that this process has, <root>/shared/Microsoft.NETCore.App/<version>.
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")),
        s_library,
    ];

    /// <summary>
    /// How to start it with a script: without a profile, and with its own modules only, whatever the environment of the
    /// tests says.
    /// </summary>
    public static ProcessStartInfo Create(string script)
    {
        string[] arguments = ["dotnet", s_library, "-NoProfile", "-NonInteractive", "-Command", script];

        // In a session of its own, so that a signal to its process group meets nothing else. A shell lets what it starts in
        // the background ignore SIGINT, and that would be inherited.
        ProcessStartInfo start = OperatingSystem.IsLinux()
            ? new("setsid", ["env", "--default-signal=INT", .. arguments])
            : new(arguments[0], arguments[1..]);
        start.Environment["PSModulePath"] = Path.Combine(Path.GetDirectoryName(s_library) ?? string.Empty, "Modules");
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        return start;
    }

    /// <summary>Starts it with what <see cref="Create"/> has made.</summary>
    public static Process Start(ProcessStartInfo start) =>
        Process.Start(start) ?? throw new InvalidOperationException("PowerShell did not start.");
}
