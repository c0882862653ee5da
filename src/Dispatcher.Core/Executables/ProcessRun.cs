using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>One started executable, from its start until nothing of it is left.</summary>
internal sealed class ProcessRun : IStopHandler, IExitParticipant, IDisposable
{
    private const int KeptErrorLines = 5;

    // Normally both pipes end with the process. When they do not, somebody it started holds them open.
    private static readonly TimeSpan s_endOfPipes = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_endByForce = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly ProcessTree _tree;
    private readonly TaskContext _context;
    private readonly Queue<string> _lastErrorLines = new();
    private readonly ManualResetEventSlim _ended = new();

    internal ProcessRun(Process process, string marker, TaskContext context)
    {
        _process = process;
        _context = context;
        _tree = new ProcessTree(process.Id, marker);
        HostExit.Add(this);
    }

    internal IReadOnlyCollection<string> LastErrorLines
    {
        get
        {
            lock (_lastErrorLines)
            {
                return _lastErrorLines.ToArray();
            }
        }
    }

    /// <summary>Reads what it writes, and blocks until it has ended and nothing it started holds its pipes any more.</summary>
    internal int WaitForEnd()
    {
        ProcessPipes pipes = _context.Worker.Pipes ??= new ProcessPipes();
        pipes.Start(_process, OnOutput, OnError);
        _context.StopHandler = this;
        _process.StandardInput.Close();
        _process.WaitForExit();
        if (!pipes.WaitForEnd(s_endOfPipes))
        {
            _tree.Terminate();
            if (!pipes.WaitForEnd(_context.Task.Dispatcher?.StopGrace ?? TimeSpan.Zero))
            {
                _tree.Kill();
                if (!pipes.WaitForEnd(s_endByForce))
                {
                    // Whoever holds them cannot be found. The threads that read go with the pipes.
                    _context.Worker.Pipes = null;
                    pipes.Dispose();
                }
            }
        }

        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Ask() => new Thread(_tree.Terminate) { IsBackground = true, Name = "Dispatcher stop" }.Start();

    /// <inheritdoc/>
    public void Force()
    {
        _tree.Kill();
        _ended.Wait(s_endByForce);
    }

    /// <inheritdoc/>
    public void OnHostExit() => _tree.Kill();

    /// <inheritdoc/>
    public void Dispose()
    {
        HostExit.Remove(this);
        if (_context.IsStopRequested)
        {
            // The main process has ended; those that ignored the request may not have.
            _tree.Kill();
        }
        else
        {
            _tree.KillRest();
        }

        _context.StopHandler = null;
        _ended.Set();
    }

    private void OnOutput(string line) => _context.Write(RecordKind.Output, line);

    private void OnError(string line)
    {
        _context.Write(RecordKind.StandardError, line);
        lock (_lastErrorLines)
        {
            if (_lastErrorLines.Count == KeptErrorLines)
            {
                _lastErrorLines.Dequeue();
            }

            _lastErrorLines.Enqueue(line);
        }
    }
}
