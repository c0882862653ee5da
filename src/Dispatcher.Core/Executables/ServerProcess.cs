using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A child process that serves this one over its standard streams, for as long as it is wanted. It ends with all that it has
/// started, when it is killed, when it ends by itself, and when this process does. Safe to use from any thread.
/// </summary>
internal sealed class ServerProcess : IExitParticipant, IDisposable
{
    // What it wrote last comes at once with its end. Those who hold its streams longer have been left behind by it.
    private static readonly TimeSpan s_endOfStreams = TimeSpan.FromMilliseconds(500);

    // For what was killed to go.
    private static readonly TimeSpan s_endByForce = TimeSpan.FromMilliseconds(500);

    private readonly ChildProcess _process;
    private readonly ProcessWaiter? _waiter;
    private readonly ProcessTree _tree;
    private readonly Action<ExitStatus?> _onEnded;
    private readonly ManualResetEventSlim _closed = new();
    private readonly BackgroundThread _thread;
    private int _isKilled;

    /// <summary>Starts it.</summary>
    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Changes to the inherited environment; <see langword="null"/> values remove.</param>
    /// <param name="output">Takes its standard output, on a thread of this instance.</param>
    /// <param name="error">Takes its standard error.</param>
    /// <param name="onEnded">
    /// Is called once, on a thread of this instance, with how it ended; with <see langword="null"/> if that is not known. By then
    /// what it wrote was taken.
    /// </param>
    /// <exception cref="IOException">It cannot be started.</exception>
    internal ServerProcess(string fileName, IReadOnlyList<string> arguments, IReadOnlyCollection<KeyValuePair<string, string?>>? environment, IOutputSink output, IOutputSink error, Action<ExitStatus?> onEnded)
    {
        _onEnded = onEnded;
        var plan = new ProcessPlan(fileName, arguments, new ExecutableOptions { Environment = environment }, ProcessTree.NewMarker())
        {
            KeepsInput = true,
            Output = output,
            Error = error,
        };
        try
        {
            ProgramCheck.Check(plan);
            _waiter = SpawnedProcess.IsSupported && !PortableProcess.IsForced ? new ProcessWaiter() : null;
            _process = _waiter is null ? new PortableProcess(plan, runner: null) : new SpawnedProcess(plan, _waiter);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            _waiter?.Dispose();
            throw new IOException(ExecutableMessages.OfStart(plan, e), e);
        }

        Id = _process.Id;
        Input = _process.Input!; // The plan says so.
        _tree = new ProcessTree(_process, plan.Marker);
        _thread = new BackgroundThread("Dispatcher server", Follow);
        ProcessExit.Add(this);
        if (!_thread.TryStart())
        {
            ProcessExit.Remove(this);
            _tree.Kill();
            Close();
            throw new IOException("There is no thread, or no memory, to follow '" + fileName + "' with.");
        }
    }

    internal int Id { get; }

    /// <summary>
    /// What writes to its standard input. Once it has ended, writing is an <see cref="IOException"/> or an
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
    internal Stream Input { get; }

    /// <summary>Ends it and all that it has started. Neither blocks nor throws.</summary>
    internal void Kill()
    {
        if (Interlocked.Exchange(ref _isKilled, 1) == 0 && !BackgroundThread.TryStart("Dispatcher kill", KillTree, BackgroundThread.SmallStack))
        {
            KillTree();
        }
    }

    /// <inheritdoc/>
    public void OnProcessExit() => KillTree();

    /// <summary>Ends it, and waits a moment for it to be gone.</summary>
    public void Dispose()
    {
        Kill();
        if (!_thread.IsCurrent && !_closed.Wait(s_endByForce))
        {
            // What the system cannot end is not waited for.
            _process.Abandon();
            _closed.Wait(s_endByForce);
        }
    }

    private void KillTree()
    {
        try
        {
            _tree.Kill();
        }
        catch (Exception)
        {
            // No memory, or no file to look into /proc with: what could be killed was, and nobody can do more.
        }
    }

    private void Follow()
    {
        ExitStatus? status = null;
        try
        {
            if (_process.WaitForExit())
            {
                _process.WaitForRest(s_endOfStreams, streamsOnly: true);
                _process.EndStreams();
                status = _tree.ReapRoot();
            }
        }
        catch (Exception)
        {
            // A sink has failed, by lack of memory, or the exit code is not to be had. That is an end, too.
        }

        if (status is null || HasRest())
        {
            KillTree();
        }

        // Its id may be that of a stranger from now on.
        Volatile.Write(ref _isKilled, 1);
        Close();
        _onEnded(status);
    }

    private bool HasRest()
    {
        try
        {
            return _tree.HasRest();
        }
        catch (Exception)
        {
            // As in KillTree, which is to try as well.
            return true;
        }
    }

    private void Close()
    {
        ProcessExit.Remove(this);
        try
        {
            _process.Dispose();
            _waiter?.Dispose();
        }
        finally
        {
            InterruptSafe.Set(_closed);
        }
    }
}
