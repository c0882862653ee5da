using System;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>One worker process, with an agent that runs one task at a time. Used by one worker; stopped from any thread.</summary>
internal sealed class WorkerProcess : IAgentListener, IDisposable
{
    // A PowerShell starts in half a second; on a machine that is very busy, or short of memory, in many.
    private static readonly TimeSpan s_openTimeout = TimeSpan.FromMinutes(2);

    // The clean-up script has ten seconds there, and its grace.
    private static readonly TimeSpan s_cleanupTimeout = TimeSpan.FromSeconds(13);

    // The near end kills a process whose task has not ended within the grace, before the agent would give it up.
    private static readonly TimeSpan s_agentGrace = TimeSpan.FromDays(1);

    private readonly WorkerSettings _settings;
    private readonly SessionEndpoint _endpoint;
    private readonly DiagnosticFiles _files;
    private readonly ManualResetEventSlim _ready = new();
    private readonly Action _onLost;
    private volatile AgentConnection? _connection;
    private volatile ProcessCall? _call;
    private volatile string? _lostReason;
    private long _lastId;

    /// <exception cref="IOException">There is no PowerShell to start, or it cannot be started.</exception>
    internal WorkerProcess(WorkerSettings settings, Action onLost)
    {
        _settings = settings;
        _onLost = onLost;
        _endpoint = new SessionEndpoint(PowerShellProgram.FindServer());
        _files = new DiagnosticFiles(_endpoint.ProcessId);
        _endpoint.TellEnd(OnProcessEnded);
    }

    /// <summary>Whether it can run tasks no more.</summary>
    internal bool IsLost => _lostReason is not null;

    /// <summary>Opens the session, and has the worker there set up. On the thread of the worker.</summary>
    /// <exception cref="WorkerSetupException">The process did not come up, or a module or the initialization script failed.</exception>
    internal void Open()
    {
        Runspace runspace = _endpoint.CreateRunspace(host: null);
        try
        {
            runspace.Open();
        }
        catch (Exception e) when (e is RuntimeException or PSInvalidOperationException or IOException)
        {
            throw NotOpened(e);
        }

        var connection = new AgentConnection(runspace, this, hasLocation: true);
        _connection = connection;
        connection.Begin(AgentScript.Paths, nonce => new WireSettings(nonce, _settings)
        {
            StopGrace = s_agentGrace,
            PingInterval = Timeout.InfiniteTimeSpan,
            OwnsProcess = true,
            ConfirmsStarts = true,
        });
        if (!_ready.Wait(s_openTimeout) || IsLost)
        {
            throw NotOpened(innerException: null);
        }

        // Its worker there opens its session and imports the modules now, which is not to count for the timeout of a task.
        ProcessCall setup = Call(connection.SendSetup, context: null);
        if (setup.LostReason is not null || setup.Error is not null)
        {
            throw setup.Error is WorkerSetupException ? setup.Error : NotOpened(setup.Error);
        }
    }

    /// <summary>Runs a script block for a task, and waits for its end.</summary>
    /// <returns><see langword="false"/> if the process has ended, and had not begun with the task.</returns>
    internal bool TryRun(ScriptInvocation script, TaskContext context, bool isLastTry)
    {
        if (_connection is not { } connection || IsLost)
        {
            return false;
        }

        ProcessCall call = Call(id => connection.SendTask(id, script, context.Task.InputObject), context);
        if (call.LostReason is { } reason)
        {
            return call.HasStarted || isLastTry || context.IsStopRequested ? throw new WorkerProcessException(Describe(reason)) : false;
        }

        if (call.End is { ExitCode: { } exitCode })
        {
            context.SetExitCode(exitCode);
        }

        return call.Error is null ? true : throw call.Error;
    }

    /// <summary>Asks what runs now to end; while it opens, ends it. Does not block.</summary>
    internal void RequestStop()
    {
        if (_call is { Id: var id, IsSetup: false } && _connection is { } connection)
        {
            BackgroundThread.TryStart("Dispatcher stop", () => connection.Send(WireTag.Stop, id));
        }
        else
        {
            Kill();
        }
    }

    /// <summary>Ends the process, and all that it has started.</summary>
    internal void Kill() => _endpoint.Kill();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_connection is { } connection && !IsLost && _settings.Cleanup is not null)
        {
            connection.EndInput();
            connection.WaitForEnd(s_cleanupTimeout);
        }

        // Nothing runs in it, and nothing of it is wanted: to end it in order would take longer than to end it.
        _endpoint.Dispose();
        _files.Delete();
        _connection?.Dispose();
        _ready.Dispose();
    }

    /// <inheritdoc/>
    void IAgentListener.OnReady(int processId) => _ready.Set();

    /// <inheritdoc/>
    void IAgentListener.OnStarted(long id)
    {
        if (_call is { } call && call.Id == id)
        {
            call.HasStarted = true;
        }
    }

    /// <inheritdoc/>
    void IAgentListener.OnRecord(long id, RecordKind kind, object? value)
    {
        if (_call is { } call && call.Id == id)
        {
            call.Write(kind, value);
        }
    }

    /// <inheritdoc/>
    void IAgentListener.OnEnded(WireEnd end, Exception? error)
    {
        if (_call is { } call && call.Id == end.Id)
        {
            call.SetEnded(end, error);
        }
    }

    /// <inheritdoc/>
    void IAgentListener.OnRecalled(long id)
    {
        if (_call is { } call && call.Id == id)
        {
            call.SetEnded(end: null, new OperationCanceledException("The task was stopped before it started."));
        }
    }

    /// <inheritdoc/>
    void IAgentListener.OnPong()
    {
        // It is on this machine, and its end is noticed.
    }

    /// <inheritdoc/>
    void IAgentListener.OnLost(string reason) => Lose(reason);

    private ProcessCall Call(Action<long> send, TaskContext? context)
    {
        var call = new ProcessCall(Interlocked.Increment(ref _lastId), context);
        _call = call;
        try
        {
            if ((_lostReason ?? _endpoint.WaitForEnd(TimeSpan.Zero)) is { } lost)
            {
                _lostReason = lost;
                call.SetLost(lost);
            }
            else
            {
                send(call.Id);
            }

            call.Wait();
            if (call.LostReason is not null)
            {
                _connection?.WaitForRest();
            }

            return call;
        }
        finally
        {
            call.Close();
            _call = null;
        }
    }

    private void OnProcessEnded(string how)
    {
        Lose(how);
        _connection?.Lose(how);
    }

    private void Lose(string reason)
    {
        // How the process ended says more than that its pipeline did, and comes a moment later.
        _lostReason = _endpoint.WaitForEnd(TimeSpan.FromMilliseconds(200)) ?? _lostReason ?? reason;
        _call?.SetLost(_lostReason);
        try
        {
            _ready.Set();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }

        _onLost();
    }

    private WorkerSetupException NotOpened(Exception? innerException)
    {
        string error = _endpoint.StandardErrorTail.Trim();
        string message = Describe(_lostReason ?? innerException?.Message ?? string.Format(CultureInfo.CurrentCulture, "was not ready within {0} s", s_openTimeout.TotalSeconds)) + (error.Length > 0 ? " It wrote: " + error : string.Empty);

        // Rules for retries that name the end of a process are to find it here, too.
        return new WorkerSetupException(message, _lostReason is null && innerException is not null ? innerException : new WorkerProcessException(message));
    }

    private string Describe(string how) => string.Format(CultureInfo.InvariantCulture, "The worker process (id {0}) {1}.", _endpoint.ProcessId, how.TrimEnd('.'));
}
