using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A child process that is talked to on its standard streams, and that ends with all that it has started. What it writes to its
/// standard error is kept, the last of it. Safe to use from any thread.
/// </summary>
internal sealed class ServerProcess : ChildProcess, IExitParticipant
{
    // Of processes that were killed, to go.
    private static readonly TimeSpan s_killTimeout = TimeSpan.FromSeconds(2);

    // What ssh says of why it cannot connect is one line, or some.
    private const int ErrorLines = 20;

    private readonly Process _process;
    private readonly WindowsJob? _job;
    private readonly ProcessTree _tree;
    private readonly StandardErrorLog _errors = new();
    private readonly ManualResetEventSlim _exited = new();
    private readonly ManualResetEventSlim _killed = new();
    private int _isKilled;
    private int _openThreads = 2;

    /// <summary>Starts it.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    internal ServerProcess(string fileName, IEnumerable<string> arguments)
    {
        string marker = ProcessTree.NewMarker();
        var start = new ProcessStartInfo(fileName)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ArgumentVector.Set(start, arguments);
        start.Environment[marker] = "1";
        _process = Process.Start(start) ?? throw new InvalidOperationException("'" + fileName + "' did not start.");
        Id = _process.Id;
        _job = WindowsJob.TryAssign(_process, keepsChildren: false);
        _tree = new ProcessTree(this, marker);
        ProcessExit.Add(this);
        BackgroundThread.Start("Dispatcher server exit", WaitForEnd, BackgroundThread.SmallStack);
        BackgroundThread.Start("Dispatcher server errors", ReadErrors, BackgroundThread.SmallStack);
    }

    internal override int Id { get; }

    /// <summary>Its standard input.</summary>
    internal Stream Input => _process.StandardInput.BaseStream;

    /// <summary>Its standard output.</summary>
    internal Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The last that it wrote to its standard error.</summary>
    internal string ErrorText
    {
        get
        {
            lock (_errors)
            {
                return string.Join(Environment.NewLine, _errors.Last(ErrorLines));
            }
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>How it ended; <see langword="null"/> if the time was up first.</returns>
    internal ExitStatus? WaitForExit(TimeSpan timeout) => _exited.Wait(timeout) ? new ExitStatus(_process.ExitCode, Signal: null) : null;

    /// <summary>Ends it and all that it has started. Does not block.</summary>
    internal void Kill()
    {
        if (Interlocked.Exchange(ref _isKilled, 1) == 0 && !BackgroundThread.TryStart("Dispatcher server kill", KillTree))
        {
            KillTree();
        }
    }

    /// <inheritdoc/>
    public void OnProcessExit()
    {
        Kill();
        _killed.Wait(s_killTimeout);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Kill();
        _killed.Wait(s_killTimeout);
        ProcessExit.Remove(this);
    }

    /// <inheritdoc/>
    internal override void KillAll() => _job?.Terminate();

    /// <inheritdoc/>
    internal override bool HasSurvivors() => _job?.HasProcesses == true;

    /// <inheritdoc/>
    internal override ExitStatus Reap() => new(_process.ExitCode, Signal: null);

    /// <inheritdoc/>
    internal override bool WaitForExit() => throw new NotSupportedException();

    /// <inheritdoc/>
    internal override bool WaitForRest(TimeSpan timeout, bool streamsOnly) => throw new NotSupportedException();

    /// <inheritdoc/>
    internal override void EndStreams() => throw new NotSupportedException();

    /// <inheritdoc/>
    internal override void Abandon() => throw new NotSupportedException();

    private void KillTree()
    {
        try
        {
            _tree.Kill();
        }
        finally
        {
            _killed.Set();
        }
    }

    private void WaitForEnd()
    {
        try
        {
            _process.WaitForExit();
            _tree.ReapRoot();
        }
        finally
        {
            _exited.Set();
            CloseWhenOver();
        }
    }

    private void ReadErrors()
    {
        try
        {
            while (_process.StandardError.ReadLine() is { } line)
            {
                lock (_errors)
                {
                    _errors.Add(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It has ended.
        }
        finally
        {
            CloseWhenOver();
        }
    }

    /// <summary>The handles go when nobody waits for it any more; closing a stream that is being read from would block.</summary>
    private void CloseWhenOver()
    {
        if (Interlocked.Decrement(ref _openThreads) == 0)
        {
            _job?.Dispose();
        }
    }
}
