using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Dispatching.Benchmarks;

/// <summary>Runs the scripts beside this program in the installed PowerShell, or in the pinned one where there is none.</summary>
internal static class Script
{
    private static readonly bool s_isInstalled = HasPowerShell();

    /// <summary>What runs the scripts.</summary>
    internal static string Host { get; } = s_isInstalled
        ? "the installed PowerShell"
        : "the pinned PowerShell, whose assemblies are not compiled ahead of time: its start-up figures are not those of an installed one";

    /// <summary>Installs the package that the build has made, for Measure-Start.ps1.</summary>
    internal static void InstallPackage() => Run("Install-Package.ps1", "-Feed", GetMetadata("Packages"));

    /// <summary>Runs a script in a process of its own, and returns the figures that it prints as name=value.</summary>
    internal static Dictionary<string, double> Run(string name, params string[] arguments)
    {
        string file = Path.Combine(GetMetadata("Scripts"), name);
        ProcessStartInfo start = s_isInstalled
            ? new("pwsh", ["-NoProfile", "-File", file, .. arguments])
            : new("dotnet", [GetMetadata("PowerShell"), "-NoProfile", "-File", file, .. arguments]);
        start.RedirectStandardOutput = true;
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        string path = Environment.GetEnvironmentVariable("PSModulePath") ?? string.Empty;
        start.Environment["PSModulePath"] = GetMetadata("StagedModuleRoot") + Path.PathSeparator + path;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("No process for " + name + ".");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(name + " ended with exit code " + process.ExitCode + ": " + output);
        }

        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.LastIndexOf('=') is var at and > 0 ? (Name: line[..at], Value: line[(at + 1)..]) : default)
            .Where(pair => pair.Name is not null)
            .ToDictionary(pair => pair.Name, pair => double.Parse(pair.Value, CultureInfo.InvariantCulture));
    }

    /// <summary>The median of what a script prints in so many fresh processes; <see langword="null"/> where it cannot run.</summary>
    internal static double? RunFresh(int rounds, string name, string argument)
    {
        try
        {
            var values = new List<double>();
            for (int round = 0; round <= rounds; round++)
            {
                values.Add(Run(name, argument)["milliseconds"]);
            }

            return Statistic.Median(values.Skip(1));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool HasPowerShell()
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo("pwsh", ["-NoProfile", "-Command", "exit"]));
            process?.WaitForExit();
            return process?.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string GetMetadata(string key) =>
        typeof(Script).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == key).Value ?? string.Empty;
}
