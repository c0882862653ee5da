using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace Dispatching;

/// <summary>
/// Runs an executable with an argument vector; no shell comes in between. Each line of its standard output becomes a
/// record of <see cref="RecordKind.Output"/>, each line of its standard error one of
/// <see cref="RecordKind.StandardError"/>; both are read as UTF-8, invalid bytes replaced. Its standard input is empty.
/// When the task ends, in whatever way, what the executable has left running is ended too, where it can be found.
/// </summary>
public sealed class ExecutableTask : IDispatchable
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string[] _arguments;
    private readonly ExecutableOptions _options;

    /// <summary>Creates the body of a task.</summary>
    /// <param name="filePath">A path, or a name to be looked up in PATH.</param>
    /// <param name="arguments">Passed exactly as they are.</param>
    /// <param name="options">Settings; the defaults where <see langword="null"/>.</param>
    public ExecutableTask(string filePath, IEnumerable<string>? arguments = null, ExecutableOptions? options = null)
    {
        FilePath = Require.NotNull(filePath, nameof(filePath));
        _arguments = arguments?.ToArray() ?? [];
        _options = options ?? new ExecutableOptions();
    }

    /// <summary>The executable.</summary>
    public string FilePath { get; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

    /// <inheritdoc/>
    public void Execute(TaskContext context)
    {
        Require.NotNull(context, nameof(context));
        string marker = ProcessTree.NewMarker();
        using Process process = Start(marker);
        using var run = new ProcessRun(process, marker, context);
        int exitCode = run.WaitForEnd();
        if (context.IsStopRequested)
        {
            return;
        }

        context.SetExitCode(exitCode);
        if (!_options.SuccessExitCodes.Contains(exitCode))
        {
            throw new ExecutableException(DescribeExit(exitCode, run.LastErrorLines), FilePath, exitCode);
        }
    }

    private Process Start(string marker)
    {
        var start = new ProcessStartInfo(FilePath)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = s_utf8,
            StandardErrorEncoding = s_utf8,
            WorkingDirectory = _options.WorkingDirectory ?? string.Empty,
        };
        ArgumentVector.Set(start, _arguments);
        foreach (KeyValuePair<string, string?> variable in _options.Environment ?? [])
        {
            if (variable.Value is null)
            {
                start.Environment.Remove(variable.Key);
            }
            else
            {
                start.Environment[variable.Key] = variable.Value;
            }
        }

        start.Environment[marker] = "1";
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("The executable did not start.");
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            throw new ExecutableException(
                string.Format(CultureInfo.InvariantCulture, "'{0}' could not be started{1}: {2}", FilePath, DescribeFolder(), e.Message),
                FilePath,
                exitCode: null,
                e);
        }
    }

    private string DescribeFolder() =>
        _options.WorkingDirectory is { } folder && !Directory.Exists(folder) ? " in '" + folder + "', which does not exist" : string.Empty;

    private string DescribeExit(int exitCode, IReadOnlyCollection<string> lastErrorLines)
    {
        var text = new StringBuilder();
        text.AppendFormat(CultureInfo.InvariantCulture, "'{0}' ended with exit code {1}", FilePath, exitCode);
        text.Append(_arguments.Length == 0 ? " (no arguments)" : " (arguments: " + string.Join(" ", _arguments) + ")");
        text.Append(lastErrorLines.Count == 0 ? "." : ". Its standard error ended with: " + string.Join(Environment.NewLine, lastErrorLines));
        return text.ToString();
    }
}
