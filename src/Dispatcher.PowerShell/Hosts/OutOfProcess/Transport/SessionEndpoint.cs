using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// The child process at the other end of a session: a PowerShell in server mode, or the ssh that leads to one. It ends with all
/// that it has started. Safe to use from any thread; whoever makes it disposes of it.
/// </summary>
internal sealed class SessionEndpoint : IDisposable
{
    private const string NotSupported = "Sessions in other processes and on other hosts need PowerShell 7.4 or later.";

    // One of its streams ends a moment before the process does, which says more.
    private static readonly TimeSpan s_exitTimeout = TimeSpan.FromMilliseconds(500);

    private readonly object _lock = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly ErrorTail _errors = new();
    private readonly ServerProcess _process;
    private List<Action<string>> _listeners = [];
    private Action<string>? _receive;
    private Action? _waitForRest;
    private string? _end;
    private int _isEnding;
    private int _isTaken;

    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    internal SessionEndpoint(EndpointCommand command)
    {
        What = command.What;
        var output = new ProtocolSink(line => Volatile.Read(ref _receive)?.Invoke(line), Fail, OnOutputEnded);
        _process = new ServerProcess(command.FileName, command.Arguments, command.Environment, output, _errors, OnExited);
        Input = new EndpointWriter(_process.Input, () => BeginEnd("closed its input"));
    }

    /// <summary>What it is, for messages.</summary>
    internal string What { get; }

    internal int ProcessId => _process.Id;

    /// <summary>The first and the last that it wrote to its standard error; empty if that is nothing.</summary>
    internal string StandardErrorTail => _errors.ToString();

    /// <summary>Whether it has ended, or is of no use any more.</summary>
    internal bool IsEnded => _ended.IsSet;

    /// <summary>The exit code that it ended with by itself; <see langword="null"/> while it runs, or when a signal ended it or nobody knows.</summary>
    internal int? ExitCode { get; private set; }

    /// <summary>What the session writes to. Never throws.</summary>
    internal EndpointWriter Input { get; }

    /// <summary>Makes the session, not opened. Once; closing it ends the process.</summary>
    /// <exception cref="PlatformNotSupportedException">This engine has no transports of this kind.</exception>
    /// <exception cref="InvalidOperationException">There is a session already.</exception>
    internal Runspace CreateRunspace(PSHost? host)
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            throw new InvalidOperationException("The " + What + " has a session already.");
        }

#if NET
        try
        {
            return RunspaceFactory.CreateRunspace((RunspaceConnectionInfo)EndpointTransport.Create(this), host, typeTable: null);
        }
        catch (Exception e) when (e is TypeLoadException or MissingMemberException or MemberAccessException or InvalidCastException)
        {
            throw new PlatformNotSupportedException(NotSupported, e);
        }
#else
        _ = host;
        throw new PlatformNotSupportedException(NotSupported);
#endif
    }

    /// <summary>
    /// Has somebody told, once, how it has ended: words to follow its name, as in "ended with exit code 3". Whoever comes later
    /// is told at once, on its own thread.
    /// </summary>
    internal void TellEnd(Action<string> ended)
    {
        lock (_lock)
        {
            if (_end is null)
            {
                _listeners.Add(ended);
                return;
            }
        }

        ended(_end);
    }

    /// <summary>
    /// Has its end told only once what it wrote before has been dealt with: the engine drops what it has not, once it knows of
    /// the end.
    /// </summary>
    /// <param name="wait">Waits for that; on a thread of this instance.</param>
    internal void EndAfter(Action wait) => Volatile.Write(ref _waitForRest, wait);

    /// <summary>Waits for its end.</summary>
    /// <returns>How it has ended; <see langword="null"/> if the time was up first.</returns>
    internal string? WaitForEnd(TimeSpan timeout) => _ended.Wait(timeout) ? _end : null;

    /// <summary>How it has ended, as a sentence, with the end of what it wrote to its standard error.</summary>
    internal string Describe(string how)
    {
        string error = _errors.Summarize();
        return "The " + What + " " + how + "." + (error.Length > 0 ? " Its standard error ended with: " + error : string.Empty);
    }

    /// <summary>Has each line of the protocol that it writes passed on.</summary>
    internal void Receive(Action<string> receive) => Volatile.Write(ref _receive, receive);

    /// <summary>Ends it because it cannot be talked to.</summary>
    /// <param name="how">As in <see cref="TellEnd"/>.</param>
    internal void Fail(string how)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 0)
        {
            // First: how it ends by that is not how it ended.
            SetEnded(how);
            Kill();
        }
    }

    /// <summary>Ends it and all that it has started. Neither blocks nor throws.</summary>
    internal void Kill() => _process.Kill();

    /// <summary>Gives it so long to end by itself.</summary>
    internal void KillAfter(TimeSpan timeout)
    {
        void WaitAndKill()
        {
            if (!_ended.Wait(timeout))
            {
                Kill();
            }
        }

        if (!IsEnded && !BackgroundThread.TryStart("Dispatcher endpoint", WaitAndKill, BackgroundThread.SmallStack))
        {
            Kill();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private void OnOutputEnded() => BeginEnd("closed its output");

    private void OnExited(ExitStatus? status)
    {
        Interlocked.Exchange(ref _isEnding, 1);
        ExitCode = status is { Signal: null } known ? known.Code : null;
        Volatile.Read(ref _waitForRest)?.Invoke();
        SetEnded(status?.Describe() ?? "was lost");
    }

    /// <summary>A stream of it has ended. Gives the process a moment to end as well, and ends it then.</summary>
    private void BeginEnd(string how)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 0
            && !BackgroundThread.TryStart("Dispatcher endpoint", () => EndWithin(s_exitTimeout, how), BackgroundThread.SmallStack))
        {
            EndWithin(TimeSpan.Zero, how);
        }
    }

    private void EndWithin(TimeSpan timeout, string how)
    {
        if (!_ended.Wait(timeout))
        {
            Volatile.Read(ref _waitForRest)?.Invoke();
            SetEnded(how);
            Kill();
        }
    }

    private void SetEnded(string how)
    {
        List<Action<string>> listeners;
        lock (_lock)
        {
            if (_end is not null)
            {
                return;
            }

            _end = how;
            listeners = _listeners;
            _listeners = [];
        }

        InterruptSafe.Set(_ended);
        foreach (Action<string> listener in listeners)
        {
            try
            {
                listener(how);
            }
            catch (Exception)
            {
                // The others are to be told as well.
            }
        }
    }
}
