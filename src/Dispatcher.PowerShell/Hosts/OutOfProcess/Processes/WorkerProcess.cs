using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// One worker process, with an agent that runs one task at a time. Used by one worker, which has others on the way to it where
/// tasks are short; stopped from any thread.
/// </summary>
internal sealed class WorkerProcess : IAgentListener, IDisposable
{
    // A PowerShell starts in half a second; on a machine that is very busy, or short of memory, in many.
    private static readonly TimeSpan s_openTimeout = TimeSpan.FromMinutes(2);

    // The clean-up script has ten seconds there, and its grace.
    private static readonly TimeSpan s_cleanupTimeout = TimeSpan.FromSeconds(13);

    // One that the system cannot end is not waited for.
    private static readonly TimeSpan s_killTimeout = TimeSpan.FromSeconds(3);

    // What waits behind a task for longer is asked back: another worker may have time for it.
    private static readonly TimeSpan s_shortTask = TimeSpan.FromMilliseconds(50);

    // The near end kills a process whose task has not ended within the grace, before the agent would give it up.
    private static readonly TimeSpan s_agentGrace = TimeSpan.FromDays(1);

    private readonly WorkerSettings _settings;
    private readonly SessionEndpoint _endpoint;
    private readonly DiagnosticFiles _files;
    private readonly ManualResetEventSlim _ready = new();
    private readonly Action _onLost;
    private readonly ProcessSetup _setup = new();
    private readonly int _prefetch;
    private readonly ITaskClaims _claims;
    private readonly TaskExchange _exchange;
    private volatile AgentConnection? _connection;
    private volatile string? _lostReason;
    private volatile bool _isOpen;
    private volatile bool _hasBegun;
    private volatile int _endedCount;
    private long _firstId;
    private bool _areShort;

    /// <param name="settings">How the worker there is set up.</param>
    /// <param name="prefetch">How many tasks it has at most, the running one included.</param>
    /// <param name="claims">How the worker claims those.</param>
    /// <param name="onLost">Called when it can run tasks no more.</param>
    /// <exception cref="IOException">There is no PowerShell to start, or it cannot be started.</exception>
    internal WorkerProcess(WorkerSettings settings, int prefetch, ITaskClaims claims, Action onLost)
    {
        _settings = settings;
        _prefetch = prefetch;
        _claims = claims;
        _exchange = new TaskExchange(claims, (_, value) => value, attempt => claims.Complete(attempt, CreateError()));
        _onLost = onLost;
        _endpoint = new SessionEndpoint(PowerShellProgram.FindServer() with { Environment = ThreadSpinning.TurnedOff });
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
        _endpoint.EndAfter(connection.WaitForRest);
        connection.Begin(assemblies: null, nonce => new WireSettings(nonce, _settings)
        {
            StopGrace = s_agentGrace,
            PingInterval = Timeout.InfiniteTimeSpan,
            OwnsProcess = true,
            ConfirmsStarts = true,
            ConfirmsRecords = true,
        });

        // Its worker there opens its session and imports the modules now, which is not to count for the timeout of a task.
        connection.SendSetup();
        if (!_ready.Wait(s_openTimeout) || IsLost)
        {
            throw NotOpened(innerException: null);
        }

        _setup.Wait();
        if (IsLost || _setup.Error is not null)
        {
            throw _setup.Error is WorkerSetupException ? _setup.Error : NotOpened(_setup.Error);
        }

        _isOpen = true;
    }

    /// <summary>
    /// Runs a script block for a task, and others that it claims meanwhile. Returns when all have ended, and each was reported.
    /// On the thread of the worker.
    /// </summary>
    /// <returns><see langword="false"/> if the process has ended, and had not begun with the task.</returns>
    internal bool TryRun(ScriptInvocation script, TaskContext first, bool isLastTry)
    {
        _lostReason ??= _endpoint.WaitForEnd(TimeSpan.Zero);
        if (_connection is { } connection && !IsLost)
        {
            _hasBegun = false;
            long id = _exchange.Tasks.AddRunning(first);
            Volatile.Write(ref _firstId, id);
            try
            {
                connection.SendTask(id, script, first.Task.InputObject);
            }
            catch
            {
                _exchange.Tasks.TakeEnded(id, out _);
                throw;
            }

            RunAll(connection, first);
        }

        return !IsLost || EndLost(first) || (isLastTry || first.IsStopRequested ? throw CreateError() : false);
    }

    private void RunAll(AgentConnection connection, TaskContext first)
    {
        try
        {
            if (first.IsStopRequested)
            {
                // It was asked before it could be found.
                _exchange.RequestStop(first);
            }

            Exchange(connection);
            if (IsLost)
            {
                // Before anything goes back: what has started there must not run again.
                connection.WaitForRest();
            }
        }
        catch
        {
            // An interrupt, as a rule: the task was abandoned. What the process has begun is of no use any more, and is not to
            // run again.
            Kill();
            WaitForEnd();
            EndLost(first);
            throw;
        }
        finally
        {
            _claims.ReturnAll();
        }
    }

    /// <summary>After <see cref="Kill"/>: waits until all that had arrived has been taken.</summary>
    private void WaitForEnd()
    {
        try
        {
            _endpoint.WaitForEnd(s_killTimeout);
        }
        catch (ThreadInterruptedException)
        {
            // Another one for the same task.
            _endpoint.WaitForEnd(s_killTimeout);
        }
    }

    /// <summary>Sends what is to be sent, until nothing is left there. While tasks are short, others are claimed ahead.</summary>
    private void Exchange(AgentConnection connection)
    {
        var claimed = new List<DispatchTask>();
        var sinceEnd = Stopwatch.StartNew();
        int ended = _endedCount;
        while (!IsLost)
        {
            int newlyEnded = _endedCount - ended;
            if (newlyEnded > 0 || sinceEnd.Elapsed >= s_shortTask)
            {
                _areShort = sinceEnd.Elapsed.Ticks < s_shortTask.Ticks * newlyEnded;
                ended += newlyEnded;
                sinceEnd.Restart();
            }

            int count = _exchange.Tasks.Count;
            if (count == 0)
            {
                return;
            }

            if (_areShort)
            {
                Claim(claimed, count, connection);
            }
            else
            {
                _exchange.RecallAll(connection);
            }

            TimeSpan wait = _areShort && _exchange.Tasks.Count > 1 ? s_shortTask : Timeout.InfiniteTimeSpan;
            while (_exchange.Queue.Take(wait, out string tag, out long id))
            {
                connection.Send(tag, id);
                wait = TimeSpan.Zero;
            }
        }
    }

    private void Claim(List<DispatchTask> claimed, int count, AgentConnection connection)
    {
        if (count < _prefetch)
        {
            _exchange.Tasks.BeginClaim();
            _claims.Claim(_prefetch - count, claimed);
            count += claimed.Count;
            _exchange.SendEach(claimed, connection);
        }

        _exchange.WakesAt = count - Math.Max(1, count / 4);
    }

    /// <summary>The process has ended: so have the tasks that ran in it.</summary>
    /// <returns>Whether that goes for the first one. If not, it had not begun.</returns>
    private bool EndLost(TaskContext first)
    {
        bool isUnrun = false;
        foreach (TaskContext attempt in _exchange.Tasks.TakeAllRunning())
        {
            if (ReferenceEquals(attempt, first) && !_hasBegun)
            {
                isUnrun = true;
            }
            else
            {
                _claims.Complete(attempt, CreateError());
            }
        }

        return !isUnrun && first.HasEnded;
    }

    /// <summary>Asks what runs now to end; while it opens, ends it. Does not block.</summary>
    internal void RequestStop()
    {
        if (!_isOpen)
        {
            Kill();
        }
        else if (_exchange.Tasks.GetAnyRunning() is { } attempt)
        {
            _exchange.RequestStop(attempt);
        }
    }

    /// <inheritdoc cref="IClaimingHost.Recall"/>
    internal void Recall(DispatchTask task) => _exchange.Recall(task);

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
        _connection?.DropRest();
        _endpoint.Dispose();
        _files.Delete();
        _connection?.Dispose();
        _ready.Dispose();
        _setup.Dispose();
    }

    /// <inheritdoc/>
    void IAgentListener.OnReady(int processId) => _ready.Set();

    /// <inheritdoc/>
    void IAgentListener.OnStarted(long id)
    {
        if (id == Volatile.Read(ref _firstId))
        {
            _hasBegun = true;
        }

        _exchange.OnStarted(id);
    }

    /// <inheritdoc/>
    void IAgentListener.OnRecord(long id, RecordKind kind, object? value) => _exchange.OnRecord(id, kind, value);

    /// <inheritdoc/>
    void IAgentListener.OnEnded(WireEnd end, Exception? error)
    {
        if (end.Id == AgentConnection.SetupId)
        {
            _setup.SetOver(error);
        }
        else
        {
            _endedCount++;
            _exchange.OnEnded(end, error);
        }
    }

    /// <inheritdoc/>
    void IAgentListener.OnRecalled(long id)
    {
        if (id == AgentConnection.SetupId)
        {
            _setup.SetOver(new OperationCanceledException("The worker was stopped before it was set up."));
        }

        _exchange.OnRecalled(id);
    }

    /// <inheritdoc/>
    void IAgentListener.OnPong()
    {
        // It is on this machine, and its end is noticed.
    }

    /// <inheritdoc/>
    void IAgentListener.OnLost(string reason) => Lose(reason);

    private void OnProcessEnded(string how)
    {
        _files.Delete();
        Lose(how);
        _connection?.Lose(how);
    }

    private void Lose(string reason)
    {
        // How the process ended says more than that its pipeline did, and comes a moment later.
        _lostReason = _endpoint.WaitForEnd(TimeSpan.FromMilliseconds(200)) ?? _lostReason ?? reason;
        _setup.SetOver(error: null);
        _exchange.Queue.Wake();
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

    private WorkerProcessException CreateError() => new(Describe(_lostReason ?? "was closed"));

    private string Describe(string how) => string.Format(CultureInfo.InvariantCulture, "The worker process (id {0}) {1}.", _endpoint.ProcessId, how.TrimEnd('.'));
}
