using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// An open session as a runner of tasks: it claims some ahead, sends them, and reports what becomes of each. One thread
/// sends; what comes back is on a thread of the engine.
/// </summary>
internal sealed class SessionRunner : RemoteRunner, IAgentListener, IDisposable
{
    private readonly RemoteHandout _handout;
    private readonly StartConditions _starts;
    private readonly Clock _clock;
    private readonly SessionSettings _settings;
    private readonly OpenedSession _session;
    private readonly TaskExchange _exchange;
    private readonly SessionTasks _tasks;
    private readonly SessionQueue _queue;
    private readonly AgentConnection _connection;
    private readonly ManualResetEventSlim _ready = new();
    private readonly ManualResetEventSlim _over = new(); // Not disposed: a sender that is left to itself sets it.
    private volatile AgentWatch? _watch;
    private volatile bool _isDraining;
    private volatile bool _isWornOut;
    private volatile string? _lostReason;

    internal SessionRunner(Scheduler scheduler, int number, string hostName, SessionSettings settings, OpenedSession session)
        : base(scheduler, number, hostName, hostName, settings.WorkersPerHost)
    {
        _handout = scheduler.Remote;
        _starts = scheduler.Starts;
        _clock = scheduler.Clock;
        _settings = settings;
        _session = session;
        _exchange = new TaskExchange(new TaskClaims(_handout, this), new SessionOrigin(hostName, session.Runspace.InstanceId).Mark, EndLost);
        _tasks = _exchange.Tasks;
        _queue = _exchange.Queue;
        _connection = new AgentConnection(session.Runspace, this, hasLocation: false);
        if (session.Endpoint is { } endpoint)
        {
            endpoint.TellEnd(OnEndpointEnded);
        }
    }

    /// <summary>Why it was lost; <see langword="null"/> while it is not.</summary>
    internal string? LostReason => _lostReason;

    /// <summary>Starts the agent there, and waits until it is ready.</summary>
    /// <returns><see langword="false"/> when it was lost first, or the time was up.</returns>
    internal bool Begin(object[] assemblies, TimeSpan timeout)
    {
        _connection.Begin(assemblies, nonce => new WireSettings(nonce, _settings.Workers)
        {
            Lanes = Lanes,
            MaxTasksPerWorker = _settings.MaxTasksPerWorker,
            StopGrace = Owner.StopGrace,
            PingInterval = _settings.PingInterval,
            OwnsProcess = _session.IsOurs,
            ConfirmsStarts = true,
        });

        // The engine may not say so while it has yet to see that its session is open.
        _session.Endpoint?.TellEnd(how => _connection.Lose(_session.Endpoint.Describe(how)));
        return _ready.Wait(timeout) && _lostReason is null;
    }

    /// <summary>Has tasks run there until it is lost, or is drained and empty. On the thread of the session.</summary>
    internal void Run()
    {
        if (_session.IsOurs)
        {
            RunTasks();
            return;
        }

        // There is nothing to kill that would end a write to a dead link: its thread is left to itself when the session is lost.
        BackgroundThread.Start("Dispatcher session sender", () =>
        {
            try
            {
                RunTasks();
            }
            catch (Exception e)
            {
                _connection.Lose(e.Message);
            }
            finally
            {
                InterruptSafe.Set(_over);
            }
        });
        _over.Wait();
    }

    private void RunTasks()
    {
        // Only now: how long it takes to be ready depends on the machine there, and has a limit of its own.
        _watch = new AgentWatch(Clock.System, _settings.PingInterval, OnDeadline);
        var claimed = new List<DispatchTask>();
        long interval = _settings.PingInterval.Ticks;
        long pingAt = _clock.GetTimestamp() + interval;
        while (_lostReason is null && !(_isDraining && _tasks.Count == 0))
        {
            Claim(claimed);
            TimeSpan wait = interval > 0 ? TimeSpan.FromTicks(Math.Max(0, pingAt - _clock.GetTimestamp())) : Timeout.InfiniteTimeSpan;
            while (_queue.Take(wait, out string tag, out long id))
            {
                _connection.Send(tag, id);
                wait = TimeSpan.Zero;
            }

            if (interval > 0 && _clock.GetTimestamp() >= pingAt)
            {
                _connection.Send(WireTag.Ping, 0);
                pingAt = _clock.GetTimestamp() + interval;
            }
        }
    }

    /// <summary>Ends the books of a session that is over: what was sent goes back, what ran is dealt with as was asked.</summary>
    internal void EndTasks()
    {
        if (_lostReason is not null)
        {
            _connection.WaitForRest();
            EndSuspects();
        }

        _handout.Leave(this);
        Array.ForEach(_tasks.TakeAllRunning(), EndLost);
    }

    /// <summary>
    /// Of what was sent, the far end had begun with the oldest, or was about to. A task that this happens to over and over
    /// counts as one that ran, or it would be sent without end.
    /// </summary>
    private void EndSuspects()
    {
        foreach (DispatchTask task in _tasks.GetOldestSent(Lanes))
        {
            if (_handout.IsLostTooOften(this, task) && _handout.Start(this, task) is { } attempt)
            {
                EndLost(attempt);
            }
        }
    }

    /// <summary>Takes no more tasks: gives back those that have not started, and ends when the others have. Does not block.</summary>
    internal void Drain()
    {
        _isDraining = true;
        _queue.Wake();
    }

    /// <summary>Ends the session. A session of the user's can be used again afterwards.</summary>
    internal void Close(TimeSpan timeout)
    {
        if (_lostReason is null && (!_session.IsOurs || _settings.Workers.Cleanup is not null))
        {
            _connection.EndInput();
            _connection.WaitForEnd(timeout);
        }

        // Over a dead link, the engine would wait for an answer.
        if (_session.IsOurs || _lostReason is null || !BackgroundThread.TryStart("Dispatcher session end", Dispose))
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch?.Dispose();
        _session.Dispose();
        _connection.Dispose();
        _ready.Dispose();
    }

    /// <summary>Ends it at once, with all that is under it. Does not block.</summary>
    internal void Kill() => _session.Kill();

    /// <inheritdoc/>
    internal override void Wake() => _queue.Wake();

    /// <inheritdoc/>
    internal override void Recall(DispatchTask task) => _exchange.Recall(task);

    /// <inheritdoc/>
    internal override void RequestHostStop(TaskContext attempt) => _exchange.RequestStop(attempt);

    /// <inheritdoc/>
    internal override void OnAbandoned(TaskContext attempt)
    {
        if (_tasks.TryGetId(attempt, out long id))
        {
            _tasks.LeaveBehind(id);
        }
    }

    /// <inheritdoc/>
    void IAgentListener.OnReady(int processId) => _ready.Set();

    /// <inheritdoc/>
    void IAgentListener.OnStarted(long id)
    {
        _watch?.Touch();
        _exchange.OnStarted(id);
    }

    /// <inheritdoc/>
    void IAgentListener.OnRecord(long id, RecordKind kind, object? value)
    {
        _watch?.Touch();
        _exchange.OnRecord(id, kind, value);
    }

    /// <inheritdoc/>
    void IAgentListener.OnEnded(WireEnd end, Exception? error)
    {
        _watch?.Touch();
        if (end.IsAbandoned && _session.IsOurs)
        {
            // Its code still runs there, and keeps a processor.
            _isWornOut = true;
            Drain();
        }

        _exchange.OnEnded(end, error);
    }

    /// <inheritdoc/>
    void IAgentListener.OnRecalled(long id)
    {
        _watch?.Touch();
        _exchange.OnRecalled(id);
    }

    /// <inheritdoc/>
    void IAgentListener.OnPong() => _watch?.Touch();

    /// <inheritdoc/>
    void IAgentListener.OnLost(string reason)
    {
        _lostReason = reason;
        _queue.Wake();
        InterruptSafe.Set(_over);
        try
        {
            _ready.Set();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    private void Claim(List<DispatchTask> claimed)
    {
        // With a rate, a task that is sent counts as started, though it may wait there.
        int window = _starts.Rate is null ? (int)Math.Min(int.MaxValue, (long)Lanes * _settings.Prefetch) : Lanes;
        int space = _isDraining ? 0 : Math.Max(0, window - _tasks.Count);
        claimed.Clear();
        _tasks.BeginClaim();
        _handout.Claims.Claim(this, space, claimed);
        _exchange.WakesAt = _isDraining ? window : window - Math.Max(1, Math.Min(window / 4, window - Lanes));
        if (_isDraining)
        {
            _exchange.RecallAll(_connection);
        }

        _exchange.SendEach(claimed, _connection);
    }

    private void EndLost(TaskContext attempt)
    {
        var reason = new HostLostException("Host '" + HostName + "' was lost while the task ran there: " + (_lostReason ?? "the session was closed").TrimEnd('.') + ".");
        if (_settings.HostFailure == HostFailure.Requeue)
        {
            _handout.Requeue(attempt, reason);
        }
        else
        {
            _handout.Complete(attempt, reason);
        }
    }

    private void OnDeadline()
    {
        _connection.Lose("it has not answered for " + DurationText.Format(TimeSpan.FromTicks(_settings.PingInterval.Ticks * 3)));
        _session.Kill();
    }

    private void OnEndpointEnded(string how) => _connection.Lose((_session.Endpoint?.StandardErrorTail.Trim() is { Length: > 0 } said ? said + " (ssh " : "(ssh ") + how + ")");

    /// <summary>Whether it is to be replaced by a fresh one once it is empty.</summary>
    internal bool IsWornOut => _isWornOut;
}
