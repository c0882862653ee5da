using System;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace Dispatching.PowerShell.Tests;

/// <summary>Finds and runs programs of the system.</summary>
public static class SystemProgram
{
    /// <summary>Where a program is; <see langword="null"/> if it is nowhere. Those for administrators are found too.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin"])
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Runs one to its end; what it wrote as errors, where it fails, and otherwise <see langword="null"/>.</summary>
    public static string? TryRun(string name, params string[] arguments)
    {
        if (Find(name) is not { } path)
        {
            return name + " was not found.";
        }

        var start = new ProcessStartInfo(path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException(name + " did not start.");
        process.StandardInput.Close();
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        string errors = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors.Length > 0 ? errors : name + " ended with " + process.ExitCode + ".";
    }

    /// <summary>Runs one to its end, which must be a good one.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static void Run(string name, params string[] arguments)
    {
        if (TryRun(name, arguments) is { } failure)
        {
            throw new InvalidOperationException(name + ": " + failure);
        }
    }
}
