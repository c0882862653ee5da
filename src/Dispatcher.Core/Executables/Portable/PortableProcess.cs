using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace Dispatching;

/// <summary>A process as .NET itself starts it, with a thread for each stream: on Windows, on macOS, and on an old Linux.</summary>
internal sealed class PortableProcess : ChildProcess
{
    private const string Switch = "Dispatching.PortableProcesses";

    private readonly TaskRunner? _runner;
    private readonly Process _process;
    private readonly ProcessPipes _pipes;
    private readonly WindowsJob? _job;
    private readonly List<FileSink> _files = [];
    private Stream? _input;

    /// <summary>Starts a process.</summary>
    /// <param name="plan">What to start.</param>
    /// <param name="runner">Who keeps the threads that read for its next process; they end with this one where there is nobody.</param>
    /// <exception cref="Exception">It could not be started, or one of its files not be opened.</exception>
    internal PortableProcess(ProcessPlan plan, TaskRunner? runner)
    {
        _runner = runner;
        _pipes = runner?.GetResource(static () => new ProcessPipes()) ?? new ProcessPipes();
        try
        {
            FileSink? outputFile = OpenFile(plan.OutputFile, plan.Options.Append);
            bool isShared = plan.OutputFile is not null && string.Equals(plan.OutputFile, plan.ErrorFile, StringComparison.Ordinal);
            FileSink? errorFile = isShared ? outputFile : OpenFile(plan.ErrorFile, plan.Options.Append);
            _input = plan.Input switch
            {
                null => null,
                { Path: { } path } => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
                { } input => new MemoryStream(input.Bytes ?? [], writable: false),
            };
            _process = Process.Start(Describe(plan)) ?? throw new InvalidOperationException("The executable did not start.");
            Id = _process.Id;
            _job = WindowsJob.TryAssign(_process, keepsChildren: plan.Options.KeepChildren);
            _files.ForEach(file => file.Begin());
            _pipes.Start(_process, outputFile ?? plan.Output, errorFile ?? plan.Error, OnFailed);
            if (!plan.KeepsInput)
            {
                SendInput();
            }
        }
        catch
        {
            if (Id != 0)
            {
                ProcessTable.KillWhole(Id);
            }

            if (runner is null)
            {
                _pipes.Dispose();
            }

            _input?.Dispose();
            _files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>For tests of this on a system that has a better way.</summary>
    internal static bool IsForced => AppContext.TryGetSwitch(Switch, out bool isSet) && isSet;

    internal override int Id { get; }

    internal override Stream? Input => _process.StandardInput.BaseStream;

    internal override bool WaitForExit()
    {
        _process.WaitForExit();
        ThrowFailure();
        return true;
    }

    internal override bool WaitForRest(TimeSpan timeout, bool streamsOnly)
    {
        bool hasEnded = _pipes.WaitForEnd(timeout);
        ThrowFailure();
        return hasEnded;
    }

    internal override void EndStreams()
    {
        if (!_pipes.WaitForEnd(TimeSpan.Zero))
        {
            // Somebody holds them who cannot be found, or is to be kept. The threads that read go with the pipes.
            _runner?.ForgetResource(_pipes);
            _pipes.Dispose();
        }
    }

    internal override ExitStatus Reap() => new(_process.ExitCode, Signal: null);

    internal override bool HasSurvivors() => _job?.HasProcesses == true;

    internal override void KillAll() => _job?.Terminate();

    internal override void Abandon()
    {
        // The wait for a process ends when the worker's thread is interrupted.
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        EndStreams();
        if (_runner is null)
        {
            _pipes.Dispose();
            CloseInput();
        }

        _job?.Dispose();
        _process.Dispose();
        _files.ForEach(file => file.Dispose());
    }

    /// <summary>What it writes cannot be taken any more, and its pipe would soon be full: it ends here.</summary>
    private void OnFailed() => ProcessTable.KillWhole(Id);

    private void ThrowFailure()
    {
        if (_pipes.Failure is { } failure)
        {
            throw new IOException("What the executable writes could not be taken to its end, so it was ended: " + failure.Message, failure);
        }
    }

    private static ProcessStartInfo Describe(ProcessPlan plan)
    {
        var start = new ProcessStartInfo(plan.FilePath)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = plan.Options.WorkingDirectory ?? string.Empty,
        };
        ArgumentVector.Set(start, plan.Arguments);
        start.Environment.Clear();
        foreach (KeyValuePair<string, string> variable in plan.Options.Block.Variables)
        {
            start.Environment[variable.Key] = variable.Value;
        }

        start.Environment[plan.Marker] = "1";
        return start;
    }

    private FileSink? OpenFile(string? path, bool append)
    {
        if (path is null)
        {
            return null;
        }

        var file = new FileSink(path, append);
        _files.Add(file);
        return file;
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Dispose();
        }
        catch (IOException)
        {
            // Nobody has read the last of it.
        }
    }

    private void SendInput()
    {
        if (_input is null)
        {
            _process.StandardInput.Close();
            return;
        }

        // On a thread of its own: the program may write before it reads, or never read.
        Stream input = _input;
        Stream target = _process.StandardInput.BaseStream;
        BackgroundThread.Start("Dispatcher stdin", () => Copy(input, target), BackgroundThread.SmallStack);
    }

    private static void Copy(Stream input, Stream target)
    {
        try
        {
            using (input)
            using (target)
            {
                input.CopyTo(target);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // The program has ended, or has closed its input: programs need not read what they are given.
        }
    }
}
