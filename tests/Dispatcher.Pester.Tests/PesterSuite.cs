using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Dispatching.Pester;

/// <summary>The Pester suite on one version of Pester, in a process of its own.</summary>
internal sealed class PesterSuite
{
    // The suite takes some two minutes; this is for one that hangs.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    // A program that a test left running can hold the pipes for as long as it likes.
    private static readonly TimeSpan s_outputLimit = TimeSpan.FromSeconds(5);

    private readonly string _manifest;

    private PesterSuite(string manifest)
    {
        _manifest = manifest;
        Version = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(manifest))!);
    }

    /// <summary>The pinned versions, the newest first.</summary>
    internal static IEnumerable<PesterSuite> All { get; } = Metadata("Pester").Split(';').Select(manifest => new PesterSuite(manifest)).ToArray();

    /// <summary>Pester's version.</summary>
    internal string Version { get; }

    /// <summary>Finds the tests and runs none.</summary>
    /// <exception cref="InvalidOperationException">PowerShell failed.</exception>
    internal IReadOnlyList<PesterRow> Discover(CancellationToken cancellationToken) => Start(["-DiscoverOnly"], cancellationToken);

    /// <summary>Runs those of these names, or all of them.</summary>
    /// <exception cref="InvalidOperationException">PowerShell failed.</exception>
    internal IReadOnlyList<PesterRow> Run(IReadOnlyCollection<string>? names, CancellationToken cancellationToken)
    {
        if (names is null)
        {
            return WithoutUnchosen(Start([], cancellationToken));
        }

        string selection = Path.GetTempFileName();
        try
        {
            File.WriteAllText(selection, JsonSerializer.Serialize(names));
            return WithoutUnchosen(Start(["-Selection", selection], cancellationToken));
        }
        finally
        {
            File.Delete(selection);
        }
    }

    private static List<PesterRow> WithoutUnchosen(List<PesterRow> rows) => rows.FindAll(row => row.Outcome != "NotRun");

    private List<PesterRow> Start(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        string result = Path.GetTempFileName();
        string script = Path.Combine(Path.GetDirectoryName(typeof(PesterSuite).Assembly.Location)!, "Invoke-Suite.ps1");
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [Metadata("PowerShell"), "-NoProfile", "-NonInteractive", "-File", script, "-Pester", _manifest, "-Suite", Metadata("Suite"), "-Result", result, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Metadata("Suite"),
        };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        start.Environment["PSExecutionPolicyPreference"] = "Bypass";
        start.Environment["NO_COLOR"] = "1";
        try
        {
            using Process process = Process.Start(start) ?? throw new InvalidOperationException("PowerShell did not start.");
            process.StandardInput.Close();
            var printed = new Transcript();
            process.OutputDataReceived += (_, e) => printed.Add(e.Data);
            process.ErrorDataReceived += (_, e) => printed.Add(e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            using (cancellationToken.Register(() => process.Kill(entireProcessTree: true)))
            {
                if (!process.WaitForExit(s_limit))
                {
                    process.Kill(entireProcessTree: true);
                    throw new InvalidOperationException("The suite on Pester " + Version + " did not end within " + s_limit + ". What it printed last:\n" + printed);
                }
            }

            printed.WaitForEnd(s_outputLimit);
            List<PesterRow> rows = [.. File.ReadLines(result).Select(line => JsonSerializer.Deserialize<PesterRow>(line)!)];
            return process.ExitCode == 0 && rows.Count > 0
                ? rows
                : throw new InvalidOperationException("The suite on Pester " + Version + " ended with exit code " + process.ExitCode + " and " + rows.Count + " results. What it printed last:\n" + printed);
        }
        finally
        {
            File.Delete(result);
        }
    }

    private static string Metadata(string key) =>
        typeof(PesterSuite).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == key).Value ?? string.Empty;

    /// <summary>The last lines that a process printed.</summary>
    private sealed class Transcript
    {
        private const int Length = 60;
        private readonly Queue<string> _lines = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _open = 2;

        /// <summary>Takes a line, or null for the end of one of the two streams.</summary>
        internal void Add(string? line)
        {
            if (line is null)
            {
                if (Interlocked.Decrement(ref _open) == 0)
                {
                    _ended.SetResult();
                }

                return;
            }

            lock (_lines)
            {
                _lines.Enqueue(line);
                if (_lines.Count > Length)
                {
                    _lines.Dequeue();
                }
            }
        }

        internal void WaitForEnd(TimeSpan limit) => _ended.Task.Wait(limit);

        public override string ToString()
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }
}
