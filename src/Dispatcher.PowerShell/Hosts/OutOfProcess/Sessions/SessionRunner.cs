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
    private readonly LostTasks _lost;
    private readonly TaskExchange _exchange;
    private readonly SessionTasks _tasks;
    private readonly SessionQueue _queue;
    private readonly AgentConnection _connection;
    private readonly ManualResetEventSlim _ready = new();
    private readonly ManualResetEventSlim _over = new(); // Not disposed: a sender that is left to itself sets it.
    private volatile AgentWatch? _watch;
    private volatile bool _isDraining;
    private volatile bool _isSetUp;
    private volatile string? _lostReason;
    private Action? _opened;

    internal SessionRunner(Scheduler scheduler, int number, string hostName, SessionSettings settings, OpenedSession session)
        : base(scheduler, number, hostName, hostName, settings.WorkersPerHost)
    {
        _handout = scheduler.Remote;
        _starts = scheduler.Starts;
        _clock = scheduler.Clock;
        _settings = settings;
        _session = session;
        _lost = new LostTasks(this, _handout, settings.HostFailure);
        _exchange = new TaskExchange(new TaskClaims(_handout, this), new SessionOrigin(hostName, session.Runspace.InstanceId).Mark, EndLost);
        _tasks = _exchange.Tasks;
        _queue = _exchange.Queue;
        _connection = new AgentConnection(session.Runspace, this, hasLocation: false);
        if (session.Endpoint is { } endpoint)
        {
            // The engine reports no end before it knows that its session is open.
            endpoint.EndAfter(_connection.WaitForRest);
            endpoint.TellEnd(how => _connection.Lose(SshTarget.DescribeEnd(endpoint, how)));
        }
    }

    /// <summary>Why it was lost; <see langword="null"/> while it is not.</summary>
    internal string? LostReason => _lostReason;

    /// <summary>Whether it has taken tasks, or could have.</summary>
    internal bool IsSetUp => _isSetUp;

    /// <summary>Starts the agent there, and waits until it is ready.</summary>
    /// <returns><see langword="false"/> when it was lost first, or the time was up.</returns>
    internal bool Begin(TimeSpan timeout)
    {
        object[] assemblies = SessionAssemblies.For(_session, _over.WaitHandle, timeout);
        if (_lostReason is not null)
        {
            return false;
        }

        _connection.Begin(assemblies, nonce => new WireSettings(nonce, _settings.Workers)
        {
            Lanes = Lanes,
            MaxTasksPerWorker = _settings.MaxTasksPerWorker,
            StopGrace = Owner.StopGrace,
            PingInterval = _settings.PingInterval,
            OwnsProcess = _session.IsOurs,
            ConfirmsStarts = true,
        });

        return _ready.Wait(timeout) && _lostReason is null;
    }

    /// <summary>Has tasks run there until it is lost, or is drained and empty. On the thread of the session.</summary>
    /// <param name="opened">Called, on any thread, once it takes tasks.</param>
    internal void Run(Action opened)
    {
        _opened = opened;
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
        BeginSetup();
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

    /// <summary>
    /// Has one worker there set up before it takes tasks: what ends PowerShell there by that is the failure of the host, and
    /// no task has been sent.
    /// </summary>
    private void BeginSetup()
    {
        if (_settings.Workers is { Initialization: null, Modules.Count: 0 })
        {
            EndSetup();
        }
        else
        {
            _connection.SendSetup();
        }
    }

    /// <summary>Where the set-up has failed there, each task that needs it says so.</summary>
    private void EndSetup()
    {
        _isSetUp = true;
        _opened?.Invoke();
    }

    /// <summary>Ends the books of a session that is over: what was sent goes back, what ran is dealt with as was asked.</summary>
    internal void EndTasks()
    {
        if (_lostReason is not null)
        {
            _connection.WaitForRest();
            _lost.EndSuspects(_tasks.GetOldestSent(Lanes), _lostReason);
        }

        _handout.Leave(this);
        Array.ForEach(_tasks.TakeAllRunning(), EndLost);
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
        _connection.DropRest();
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
            Drain();
        }

        if (end.Id == AgentConnection.SetupId)
        {
            EndSetup();
            _queue.Wake();
        }
        else
        {
            _exchange.OnEnded(end, error);
        }
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
        // How ssh ended says more than the engine does, which may notice it first.
        _lostReason = _session.Endpoint is { } endpoint && endpoint.WaitForEnd(TimeSpan.Zero) is { } how ? SshTarget.DescribeEnd(endpoint, how) : reason;
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
        int space = _isDraining || !_isSetUp ? 0 : Math.Max(0, window - _tasks.Count);
        _tasks.BeginClaim();
        _handout.Claims.Claim(this, space, claimed);

        // Woken for each, it would claim and send one at a time.
        _exchange.WakesAt = _isDraining ? window : window - Math.Max(1, Math.Min(window / 4, window - Lanes));
        if (_isDraining)
        {
            _exchange.RecallAll(_connection);
        }

        _exchange.SendEach(claimed, _connection);
    }

    private void EndLost(TaskContext attempt) => _lost.End(attempt, _lostReason);

    private void OnDeadline()
    {
        _connection.Lose("it has not answered for " + DurationText.Format(TimeSpan.FromTicks(_settings.PingInterval.Ticks * 3)));
        _session.Kill();
    }
}
