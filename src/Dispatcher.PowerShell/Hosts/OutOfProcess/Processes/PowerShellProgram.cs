using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Runtime.InteropServices;

namespace Dispatching.PowerShell;

/// <summary>The PowerShell that worker processes run: the one that runs this, or where that is part of another program, the one in PATH.</summary>
internal static class PowerShellProgram
{
    // As Start-Job starts its processes. -s: the engine's remoting protocol on the standard streams.
    private static readonly string[] s_arguments = ["-NoLogo", "-NoProfile", "-s"];

    private static readonly bool s_isWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <exception cref="FileNotFoundException">There is none.</exception>
    internal static EndpointCommand FindServer()
    {
        List<string> program = Find() ?? throw new FileNotFoundException(
            "Worker processes run pwsh, and there is none: neither beside the PowerShell engine of this process nor in the folders of PATH. Install PowerShell 7.4 or later, or add its folder to PATH.");
        return new EndpointCommand("worker process", program[0], [.. program.Skip(1), .. s_arguments]);
    }

    private static List<string>? Find()
    {
        string home = Path.GetDirectoryName(typeof(PSObject).Assembly.Location) ?? string.Empty;
        string own = Path.Combine(home, Executable("pwsh"));
        string assembly = Path.Combine(home, "pwsh.dll");
        bool isTool = File.Exists(assembly) && GetHost() is not null;
        if (isTool && (!File.Exists(own) || IsRunByHost()))
        {
            return [GetHost()!, assembly];
        }

        return File.Exists(own) ? [own] : FindInPath();
    }

    private static bool IsRunByHost() =>
        string.Equals(Path.GetFileName(GetProcessPath()), Executable("dotnet"), StringComparison.OrdinalIgnoreCase);

    /// <summary>The program that runs .NET assemblies here: this process, or the one beside the runtime.</summary>
    private static string? GetHost()
    {
        string beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", Executable("dotnet")));
        return IsRunByHost() ? GetProcessPath() : File.Exists(beside) ? beside : null;
    }

    private static List<string>? FindInPath() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, Executable("pwsh")))
        .Where(File.Exists)
        .Select(path => new List<string> { path })
        .FirstOrDefault();

    private static string Executable(string name) => s_isWindows ? name + ".exe" : name;

    private static string? GetProcessPath()
    {
#if NET
        return Environment.ProcessPath;
#else
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.MainModule?.FileName;
#endif
    }
}
