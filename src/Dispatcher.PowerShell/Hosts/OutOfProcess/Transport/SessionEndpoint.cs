using System;
using System.IO;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Text;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>The child process at the other end of a session: a PowerShell in server mode, or the ssh that leads to one.</summary>
internal sealed class SessionEndpoint : IDisposable
{
    // A record of a megabyte is one line.
    private const int BufferSize = 64 * 1024;

    // The end of a stream comes a moment before that of the process is known.
    private static readonly TimeSpan s_exitTimeout = TimeSpan.FromMilliseconds(500);

    private static readonly string[] s_elements = ["<Data", "<Command", "<Close", "<Signal"];

    private readonly ServerProcess _process;
    private readonly object _lock = new();
    private Action<string>? _ended;
    private string? _end;
    private int _isReading;

    /// <summary>Starts it.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    internal SessionEndpoint(EndpointCommand command)
    {
        What = command.What;
        _process = new ServerProcess(command.FileName, command.Arguments);
        Input = new LenientWriter(_process.Input);
        BackgroundThread.Start("Dispatcher endpoint", WaitForExit, BackgroundThread.SmallStack);
    }

    /// <summary>What it is, for messages.</summary>
    internal string What { get; }

    internal int ProcessId => _process.Id;

    /// <summary>The last that it wrote to its standard error.</summary>
    internal string StandardErrorTail => _process.ErrorText;

    /// <summary>What the session writes to.</summary>
    internal TextWriter Input { get; }

    /// <summary>Has somebody told, once, how it has ended: to follow its name. Whoever comes later is told at once.</summary>
    internal void TellEnd(Action<string> ended)
    {
        string? end;
        lock (_lock)
        {
            _ended += ended;
            end = _end;
        }

        if (end is not null)
        {
            ended(end);
        }
    }

    /// <summary>Makes the session, not opened.</summary>
    /// <exception cref="PlatformNotSupportedException">This engine cannot.</exception>
    internal Runspace CreateRunspace(PSHost? host)
    {
#if NET
        try
        {
            return RunspaceFactory.CreateRunspace((RunspaceConnectionInfo)EndpointTransport.Create(this), host, typeTable: null);
        }
        catch (Exception e) when (e is TypeLoadException or MissingMemberException or InvalidCastException)
        {
            throw new PlatformNotSupportedException("This PowerShell has no transports of one's own for sessions, which worker processes and hosts need: use PowerShell 7.4 or later.", e);
        }
#else
        _ = host;
        throw new PlatformNotSupportedException(What + ": worker processes and hosts need PowerShell 7.4 or later.");
#endif
    }

    /// <summary>Passes on what it writes, line by line, on a thread of its own.</summary>
    /// <param name="take">Gets each line of the protocol.</param>
    /// <param name="ended">Told how it has ended.</param>
    internal void Read(Action<string> take, Action<string> ended)
    {
        TellEnd(ended);
        if (Interlocked.Exchange(ref _isReading, 1) == 0)
        {
            BackgroundThread.Start("Dispatcher session reader", () => ReadAll(take));
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>How it has ended; <see langword="null"/> if the time was up first.</returns>
    internal string? WaitForEnd(TimeSpan timeout) => _process.WaitForExit(timeout)?.Describe();

    /// <summary>Ends it and all that it has started. Does not block.</summary>
    internal void Kill() => _process.Kill();

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        Input.Dispose();
    }

    private void ReadAll(Action<string> take)
    {
        try
        {
            using var reader = new StreamReader(_process.Output, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, BufferSize);
            while (reader.ReadLine() is { } line)
            {
                if (FindElement(line) is { } element)
                {
                    take(element);
                }
            }
        }
        catch (Exception)
        {
            // Whatever it wrote is no protocol, or the engine can no longer take it.
        }
        finally
        {
            SetEnded(WaitForEnd(s_exitTimeout) ?? "has closed its output");
            Kill();
        }
    }

    /// <summary>Programs that a task starts may write to the same stream. What is no element of the protocol is dropped.</summary>
    private static string? FindElement(string line)
    {
        foreach (string element in s_elements)
        {
            int start = line.IndexOf(element, StringComparison.Ordinal);
            if (start >= 0)
            {
                return start == 0 ? line : line.Substring(start);
            }
        }

        return null;
    }

    private void WaitForExit() => SetEnded(WaitForEnd(Timeout.InfiniteTimeSpan) ?? "has ended");

    private void SetEnded(string how)
    {
        Action<string>? ended;
        lock (_lock)
        {
            if (_end is not null)
            {
                return;
            }

            _end = how;
            ended = _ended;
        }

        foreach (Delegate one in ended?.GetInvocationList() ?? [])
        {
            try
            {
                ((Action<string>)one)(how);
            }
            catch (Exception)
            {
                // The others have to be told all the same, and an exception that leaves a thread would end the process.
            }
        }
    }
}
