using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Dispatching;

/// <summary>
/// Runs an executable with an argument vector; no shell comes in between. Each line of its standard output becomes a
/// record of <see cref="RecordKind.Output"/>, each line of its standard error one of
/// <see cref="RecordKind.StandardError"/>; both can go to files instead. Its standard input is empty unless it is given
/// one. When the task ends, in whatever way, what the executable has left running is ended too, where it can be found:
/// it is asked first, and killed after <see cref="Dispatcher.StopGrace"/>.
/// </summary>
public sealed class ExecutableTask : IDispatchable
{
    private static readonly HashSet<char> s_plain = [.. "_-./:=,+@%\\"];

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
        _ = _options.Block;
    }

    /// <summary>The executable.</summary>
    public string FilePath { get; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

    /// <summary>What it reads from its standard input; nothing where <see langword="null"/> (the default).</summary>
    public ExecutableInput? StandardInput { get; init; }

    /// <summary>
    /// A file that its standard output goes to, untouched; its folder is made if it is not there. Where
    /// <see langword="null"/> (the default), the output is that of the task.
    /// </summary>
    public string? OutputFile { get; init; }

    /// <summary>A file for its standard error, in the same way; may be the same one as <see cref="OutputFile"/>.</summary>
    public string? ErrorFile { get; init; }

    internal ExecutableOptions Options => _options;

    /// <summary>The executable and its arguments as PowerShell would be given them, for people.</summary>
    internal string CommandLine => string.Join(" ", _arguments.Prepend(FilePath).Select(Quote));

    /// <inheritdoc/>
    public void Execute(TaskContext context)
    {
        Require.NotNull(context, nameof(context));
        string? output = OutputFile is null ? null : Path.GetFullPath(OutputFile);
        string? error = ErrorFile is null ? null : Path.GetFullPath(ErrorFile);
        if (!context.HoldsOutput || (output is null && error is null))
        {
            Run(context, output, error);
            return;
        }

        var held = new HeldFiles(context, output, error, _options.Append);
        try
        {
            Run(context, held.OutputPath, held.ErrorPath);
        }
        catch (Exception e)
        {
            Exception judged = RetryPolicy.Judge(context, e);
            held.Settle(isKept: !RetryPolicy.IsWorthRetry(context, TaskState.Failed));
            if (ReferenceEquals(judged, e))
            {
                throw;
            }

            throw judged;
        }

        held.Settle(isKept: !context.IsStopRequested || !RetryPolicy.IsWorthRetry(context, context.FinalState));
    }

    private static string Quote(string text) => text.Length > 0 && text.All(c => char.IsLetterOrDigit(c) || s_plain.Contains(c))
        ? text
        : "'" + text.Replace("'", "''") + "'";

    private void Run(TaskContext context, string? outputFile, string? errorFile)
    {
        var errors = new StandardErrorLog();
        var plan = new ProcessPlan(FilePath, _arguments, _options, ProcessTree.NewMarker())
        {
            Input = StandardInput,
            OutputFile = outputFile,
            ErrorFile = errorFile,
            Output = outputFile is null ? CreateOutput(context) : null,
            Error = errorFile is null ? new LineSink(_options.Encoding, line => OnErrorLine(context, errors, line)) : null,
        };
        ExitStatus? status;
        using (ChildProcess process = Start(plan, context.Runner))
        using (var run = new ProcessRun(process, plan, context))
        {
            status = run.WaitForEnd();
        }

        if (context.IsStopRequested || status is not { } end)
        {
            return;
        }

        context.SetExitCode(end.Code);
        if (!_options.SuccessExitCodes.Contains(end.Code))
        {
            throw new ExecutableException(
                ExecutableMessages.OfExit(FilePath, end, errors, ErrorFile is null ? null : Path.GetFullPath(ErrorFile)), FilePath, end, _options.StandardErrorIsError ? [] : errors.ToArray());
        }
    }

    private IOutputSink CreateOutput(TaskContext context) => _options.Output switch
    {
        ExecutableOutput.Text => new WholeTextSink(_options.Encoding, text => context.Write(RecordKind.Output, text), context.WarnOfLargeOutput),
        ExecutableOutput.Bytes => new BytesSink(bytes => context.Write(RecordKind.Output, bytes), context.WarnOfLargeOutput),
        _ => new LineSink(_options.Encoding, line => context.Write(RecordKind.Output, line)),
    };

    private void OnErrorLine(TaskContext context, StandardErrorLog errors, string line)
    {
        errors.Add(line);
        context.Write(RecordKind.StandardError, line);
        if (_options.StandardErrorIsError)
        {
            context.Write(RecordKind.Error, line);
        }
    }

    private ChildProcess Start(ProcessPlan plan, TaskRunner runner)
    {
        try
        {
            ProgramCheck.Check(plan);
            return SpawnedProcess.IsSupported && !PortableProcess.IsForced
                ? new SpawnedProcess(plan, runner.GetResource(static () => new ProcessWaiter()))
                : new PortableProcess(plan, runner);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException or NotSupportedException or OutOfMemoryException)
        {
            throw new ExecutableException(ExecutableMessages.OfStart(plan, e), FilePath, e);
        }
    }
}
