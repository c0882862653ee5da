using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>The hosts of a dispatcher. They can be changed while it runs. Safe to use from any thread.</summary>
internal sealed class SessionPool : IRunnerSet, IExitParticipant
{
    private readonly object _lock = new();
    private readonly List<SessionTarget> _targets;
    private readonly List<HostSession> _sessions = [];
    private readonly Queue<string> _notices = new();

    // Those that will not be tried again in this run.
    private readonly List<(SessionTarget Target, string Failure)> _dead = [];
    private readonly SessionSettings _settings;
    private readonly bool _needsOne;
    private Scheduler? _scheduler;
    private Action? _closed;
    private int _lastNumber;
    private bool _hasBeenOpen;

    /// <param name="targets">The hosts.</param>
    /// <param name="ssh">How ssh connects to those that are named later.</param>
    /// <param name="settings">What they have in common.</param>
    /// <param name="needsOne">Whether the dispatcher halts when none of them could be opened even once.</param>
    internal SessionPool(IEnumerable<SessionTarget> targets, SshOptions ssh, SessionSettings settings, bool needsOne)
    {
        Ssh = ssh;
        _targets = [.. targets];
        _settings = settings;
        _needsOne = needsOne;
    }

    /// <inheritdoc/>
    public int OpenLanes
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count(session => session.IsOpen) * _settings.WorkersPerHost;
            }
        }
    }

    /// <inheritdoc/>
    public int MaxLanes
    {
        get
        {
            lock (_lock)
            {
                return _targets.Count * _settings.WorkersPerHost;
            }
        }
    }

    /// <summary>The names of the hosts.</summary>
    internal string[] HostNames
    {
        get
        {
            lock (_lock)
            {
                return [.. _targets.Select(target => target.HostName)];
            }
        }
    }

    /// <summary>How ssh connects.</summary>
    internal SshOptions Ssh { get; }

    /// <inheritdoc/>
    public void Open(Scheduler scheduler)
    {
        ProcessExit.Add(this);
        List<HostSession> added;
        lock (_lock)
        {
            _scheduler = scheduler;
            _hasBeenOpen = false;
            _dead.Clear();
            added = _targets.ConvertAll(Add);
        }

        added.ForEach(session => session.Start());
    }

    /// <inheritdoc/>
    public void Close(Action closed)
    {
        HostSession[] open;
        lock (_lock)
        {
            _scheduler = null;
            open = [.. _sessions];
            _closed = open.Length > 0 ? closed : null;
        }

        Array.ForEach(open, session => session.Close());
        if (open.Length == 0)
        {
            OnAllEnded(closed);
        }
    }

    /// <summary>Adds those that are new, and drains those that are not named any more.</summary>
    internal void Change(IReadOnlyList<SessionTarget> targets)
    {
        List<HostSession> removed;
        List<HostSession> added = [];
        lock (_lock)
        {
            removed = _sessions.FindAll(session => !targets.Any(target => target.IsSame(session.Target)));
            foreach (SessionTarget target in targets.Where(target => !_targets.Exists(known => known.IsSame(target))))
            {
                // A session of the user's has one pipeline at a time: the next begins when the one that drains has ended.
                if (_scheduler is not null && (target.CanReopen || !_sessions.Exists(session => session.Target.IsSame(target))))
                {
                    added.Add(Add(target));
                }
            }

            _targets.Clear();
            _targets.AddRange(targets);
            _dead.RemoveAll(gone => !targets.Any(gone.Target.IsSame));
        }

        removed.ForEach(session => session.Close());
        added.ForEach(session => session.Start());
    }

    /// <inheritdoc/>
    public string[] TakeNotices()
    {
        lock (_lock)
        {
            string[] notices = [.. _notices];
            _notices.Clear();
            return notices;
        }
    }

    /// <inheritdoc/>
    void IExitParticipant.OnProcessExit()
    {
        HostSession[] open;
        lock (_lock)
        {
            open = [.. _sessions];
        }

        Array.ForEach(open, session => session.Kill());
    }

    internal void OnOpened(HostSession session)
    {
        lock (_lock)
        {
            session.IsOpen = true;
            session.Failure = null;
            _hasBeenOpen = true;
        }
    }

    internal void OnClosed(HostSession session)
    {
        lock (_lock)
        {
            session.IsOpen = false;
        }
    }

    /// <summary>A session was lost, or could not be opened.</summary>
    /// <param name="session">The session.</param>
    /// <param name="reason">Why.</param>
    /// <param name="retryIn">When it is tried again; <see langword="null"/> for never.</param>
    internal void OnFailed(HostSession session, string reason, TimeSpan? retryIn)
    {
        Scheduler? scheduler;
        string? none;
        lock (_lock)
        {
            scheduler = _scheduler;
            session.IsDead = retryIn is null;
            if (session.Failure is null)
            {
                // Once for each time that it is away.
                _notices.Enqueue("Host '" + session.Target.HostName + "' cannot be used: " + reason.TrimEnd('.')
                    + (retryIn is null ? ". It is not tried again." : ". It is tried again."));
            }

            session.Failure = reason;
            if (session.IsDead)
            {
                _dead.Add((session.Target, reason));
            }

            none = MustHalt() ? DescribeNone(scheduler?.Name) : null;
        }

        if (none is not null && scheduler is not null)
        {
            scheduler.Starts.Halt(new DispatcherHaltedException(none), FailureAction.StopPending);
        }
        else if (session.IsDead || _settings.HostFailure == HostFailure.Fail)
        {
            scheduler?.Remote.StopPinned(session.Target.HostName, new HostLostException("Host '" + session.Target.HostName + "' cannot be used, and the task is pinned to it: " + reason.TrimEnd('.') + "."));
        }

        scheduler?.InterruptWaits();
    }

    internal void OnEnded(HostSession session)
    {
        Action? closed = null;
        HostSession? next = null;
        Scheduler? scheduler;
        string? none = null;
        lock (_lock)
        {
            scheduler = _scheduler;
            _sessions.Remove(session);
            if (_scheduler is not null && !session.IsDead && !session.Target.CanReopen && _targets.Find(session.Target.IsSame) is { } target)
            {
                next = Add(target); // It was taken away, and added again before it had ended.
            }

            if (_sessions.Count == 0)
            {
                closed = _closed;
                _closed = null;
                none = scheduler is not null && _dead.Count > 0 ? DescribeNone(scheduler.Name) : null;
            }
        }

        if (none is not null)
        {
            scheduler!.Starts.Halt(new DispatcherHaltedException(none), FailureAction.StopPending); // It is described where there is one.
        }

        next?.Start();
        if (closed is not null)
        {
            OnAllEnded(closed);
        }
    }

    /// <summary>Whether no host can be used, and pending tasks are not to wait for one. Under the lock.</summary>
    private bool MustHalt()
    {
        bool canUseNone = _sessions.TrueForAll(one => one.Failure is not null);
        bool areAllDead = _sessions.TrueForAll(one => one.IsDead);
        bool hasNeverWorked = _needsOne && !_hasBeenOpen;
        return canUseNone && (areAllDead || hasNeverWorked || _settings.HostFailure == HostFailure.Fail);
    }

    private string DescribeNone(string? name)
    {
        IEnumerable<(SessionTarget Target, string Failure)> all = _dead.Concat(_sessions.Where(one => !one.IsDead).Select(one => (one.Target, one.Failure!)));
        return "No host of dispatcher '" + name + "' can be used. " + string.Join(" ", all.Select(one => one.Target.HostName + ": " + one.Failure.TrimEnd('.') + "."));
    }

    private void OnAllEnded(Action closed)
    {
        ProcessExit.Remove(this);
        closed();
    }

    private HostSession Add(SessionTarget target)
    {
        var session = new HostSession(this, _scheduler!, target, _settings, ++_lastNumber); // Only while it runs.
        _sessions.Add(session);
        return session;
    }
}
