using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>The runners that claim tasks ahead and have not left, and what each has claimed; those elsewhere by host. The scheduler's lock guards it.</summary>
internal sealed class RemoteRunners
{
    private static readonly List<RemoteRunner> s_none = [];

    private readonly object _lock;
    private readonly List<SentTasks> _sets = [];
    private readonly Dictionary<string, List<RemoteRunner>> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private volatile bool _isRecallDue;
    private ManualResetEventSlim? _recalled;
    private int _sentCount;

    internal RemoteRunners(object schedulerLock) => _lock = schedulerLock;

    /// <summary>How many tasks are sent in all. The sets of them count.</summary>
    internal int SentCount
    {
        get => _sentCount;
        set
        {
            _sentCount = value;
            if (value == 0)
            {
                ReleaseWaits();
            }
        }
    }

    /// <summary>Whether all sent tasks are to be recalled once the lock is left. May be read without it.</summary>
    internal bool IsRecallDue => _isRecallDue;

    /// <summary>Whether <see cref="SentCount"/> is what the sets hold.</summary>
    internal bool AddUp
    {
        get
        {
            int count = 0;
            _sets.ForEach(set => count += set.Count);
            return count == SentCount;
        }
    }

    /// <summary>Returns what a runner has claimed. The first time, it makes the runner known.</summary>
    internal SentTasks GetSent(TaskRunner runner)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        Debug.Assert(!runner.HasLeft, "The runner has left.");
        if (runner.Sent is SentTasks known)
        {
            return known;
        }

        var sent = new SentTasks(this, runner);
        if (runner is RemoteRunner remote)
        {
            AddToHost(remote);
        }

        _sets.Add(sent);
        runner.Sent = sent;
        return sent;
    }

    /// <summary>Forgets a runner that has claimed nothing, or given all of it back.</summary>
    internal void Remove(TaskRunner runner)
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        runner.HasLeft = true;
        if (runner.Sent is SentTasks sent)
        {
            Debug.Assert(sent.Count == 0, "The runner has tasks.");
            runner.Sent = null;
            _sets.Remove(sent);
        }

        if (runner is RemoteRunner remote && _hosts.TryGetValue(remote.HostName, out List<RemoteRunner>? others) && others.Remove(remote) && others.Count == 0)
        {
            _hosts.Remove(remote.HostName);
        }
    }

    /// <summary>Those of one host, of which there is one as a rule.</summary>
    internal List<RemoteRunner> GetRunnersOn(string host) => _hosts.TryGetValue(host, out List<RemoteRunner>? runners) ? runners : s_none;

    /// <summary>Others of its host are to get tasks before it.</summary>
    internal void MoveLast(RemoteRunner runner)
    {
        List<RemoteRunner> runners = GetRunnersOn(runner.HostName);
        if (runners.Count > 1 && runners.Remove(runner))
        {
            runners.Add(runner);
        }
    }

    internal void CopySentTo(List<DispatchTask> target) => _sets.ForEach(set => set.CopyTo(target));

    /// <summary>Takes out any sent task; <see langword="null"/> when there is none.</summary>
    internal DispatchTask? TakeAnySent() => SentCount == 0 ? null : _sets.Find(set => set.Count > 0)?.TakeAny();

    /// <summary>What is set once no task is sent any more; <see langword="null"/> when none is.</summary>
    internal ManualResetEventSlim? GetRecalled()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        return SentCount == 0 ? null : _recalled ??= new ManualResetEventSlim();
    }

    /// <summary>Those who wait until no task is sent any more need not.</summary>
    internal void ReleaseWaits()
    {
        if (_recalled is { } recalled)
        {
            InterruptSafe.Set(recalled);
            _recalled = null;
        }
    }

    /// <summary>Has all sent tasks recalled once the lock is left: they are not to start now.</summary>
    internal void RecallAll()
    {
        Debug.Assert(Monitor.IsEntered(_lock), "The scheduler's lock is not held.");
        _isRecallDue |= SentCount > 0;
    }

    /// <summary>The same, and those that come back end as stopped.</summary>
    internal void StopAll()
    {
        if (SentCount > 0)
        {
            foreach (SentTasks set in _sets)
            {
                set.MarkStopped();
            }

            RecallAll();
        }
    }

    /// <summary>Hands out the tasks to recall, once. Under the scheduler's lock.</summary>
    internal void TakeRecalls(List<(TaskRunner Runner, DispatchTask Task)> target)
    {
        _isRecallDue = false;
        var tasks = new List<DispatchTask>();
        foreach (SentTasks set in _sets)
        {
            tasks.Clear();
            set.CopyTo(tasks);
            tasks.ForEach(task => target.Add((set.Runner, task)));
        }
    }

    private void AddToHost(RemoteRunner runner)
    {
        if (!_hosts.TryGetValue(runner.HostName, out List<RemoteRunner>? others))
        {
            _hosts.Add(runner.HostName, others = []);
        }

        others.Add(runner);
    }
}
