using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A process and all that it started. On Linux they are found in three ways: by the chain of parents; by the session, where
/// the process leads one; and by a variable in the environment that descendants inherit, which also finds those whose
/// parent is gone and who have a session of their own. What has lost its parent, has a session of its own <i>and</i> was
/// started with an emptied environment is not found, nor what runs as another user and has lost its parent. Elsewhere
/// there is what the system offers: a job object on Windows, the chain of parents on macOS.
/// </summary>
internal sealed class ProcessTree
{
    // One that starts itself again in ever new sessions is caught within a few scans. What others start and end on a busy
    // machine seems much the same, and must not keep the scans going for as long.
    private static readonly TimeSpan s_longestChase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestDoubt = TimeSpan.FromMilliseconds(100);

    private readonly ChildProcess _root;
    private readonly int _id;
    private readonly string _marker;
    private readonly object _lock = new();
    private readonly HashSet<ProcessIdentity> _seen = [];
    private bool _isRootReaped;

    internal ProcessTree(ChildProcess root, string marker)
    {
        _root = root;
        _id = root.Id;
        _marker = marker;
    }

    /// <summary>Makes the name of an environment variable that no other process tree has.</summary>
    internal static string NewMarker() => ProcessSnapshot.MarkerPrefix + Guid.NewGuid().ToString("N");

    /// <summary>Reaps the root. Its id may belong to a stranger from then on, and is not used for a signal again.</summary>
    internal ExitStatus ReapRoot()
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _isRootReaped = true;
            return _root.Reap();
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    /// <summary>Asks every process of the tree to end that was not asked before.</summary>
    internal void Terminate()
    {
        lock (_lock)
        {
            if (ProcessTable.IsSupported)
            {
                SignalAll(ProcessTable.Terminate);
            }
            else if (!_isRootReaped)
            {
                ProcessTable.TerminateWhole(_id);
            }
        }
    }

    /// <summary>
    /// Once the root is reaped: whether something of its tree is alive. Where few processes were started since, only those
    /// are looked at, which makes short programs cheap.
    /// </summary>
    internal bool HasRest() => _root.HasSurvivors()
        || (ProcessTable.IsSupported && (ProcessSnapshot.TakeAfter(_id) ?? ProcessSnapshot.Take()).FindTrees(IsOfTree).Count > 0);

    /// <summary>Waits until those have ended that were asked to, or the time is up. Returns at once where that cannot be seen.</summary>
    internal void WaitForAsked(TimeSpan timeout)
    {
        ProcessIdentity[] asked;
        lock (_lock)
        {
            asked = [.. _seen];
        }

        if (ProcessTable.IsSupported)
        {
            ProcessEnds.Wait(asked, timeout);
        }
    }

    /// <summary>After a kill: how many are alive still, because they may not be killed, or started others faster than they were found.</summary>
    /// <param name="timeout">How long to give killed processes to go.</param>
    internal int CountLeft(TimeSpan timeout)
    {
        if (!ProcessTable.IsSupported)
        {
            return 0;
        }

        WaitForAsked(timeout);
        lock (_lock)
        {
            return ProcessSnapshot.Take().FindTrees(IsOfTree).Count;
        }
    }

    /// <summary>Kills every process of the tree, those included that are started meanwhile.</summary>
    /// <returns>Whether it has found any. Always <see langword="true"/> where that cannot be seen.</returns>
    internal bool Kill()
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _root.KillAll();
            if (!ProcessTable.IsSupported)
            {
                if (!_isRootReaped)
                {
                    ProcessTable.KillWhole(_id);
                }

                return true;
            }

            if (_root.LeadsSession && !_isRootReaped)
            {
                // Most of them at once, before they can start any more.
                _ = LinuxNative.Kill(-_id, ProcessTable.Kill);
            }

            return KillUntilNone();
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    /// <summary>Scans and kills until two scans in a row find nobody new.</summary>
    private bool KillUntilNone()
    {
        var clock = Stopwatch.StartNew();
        int known = ProcessSnapshot.GetLastId();
        bool isAny = SignalAll(ProcessTable.Kill);
        for (int stopped = 0; stopped < 2 && clock.Elapsed < s_longestChase;)
        {
            int start = known;
            known = ProcessSnapshot.GetLastId();
            bool isNew = false;
            void OnFound(ProcessEntry process) => isNew |= IsOfTree(process) && KillNew(process.Identity);

            // Whoever the scan before has missed is younger than that scan.
            ProcessSnapshot snapshot = ProcessSnapshot.TakeAfter(start, OnFound) ?? ProcessSnapshot.Take(OnFound);
            foreach (ProcessIdentity process in snapshot.FindTrees(IsOfTree))
            {
                isNew |= KillNew(process);
            }

            stopped = isNew || (snapshot.MissedAny && clock.Elapsed < s_longestDoubt) ? 0 : stopped + 1;
            isAny |= isNew;
        }

        return isAny;
    }

    private bool KillNew(ProcessIdentity process)
    {
        bool isNew = _seen.Add(process);
        if (isNew)
        {
            ProcessTable.Signal(process, ProcessTable.Kill);
        }

        return isNew;
    }

    /// <summary>Signals all that are alive, those included that were seen in an earlier scan and have lost their parent since.</summary>
    private bool SignalAll(int signal)
    {
        HashSet<ProcessIdentity> found = ProcessSnapshot.Take().FindTrees(IsOfTree);
        foreach (ProcessIdentity process in found)
        {
            if (_seen.Add(process) || signal == ProcessTable.Kill)
            {
                ProcessTable.Signal(process, signal);
            }
        }

        return found.Count > 0;
    }

    private bool IsOfTree(ProcessEntry process)
    {
        // The number of a session is not given to another as long as somebody is in it.
        bool isOfRoot = (process.Identity.Id == _id && !_isRootReaped) || (_root.LeadsSession && process.Session == _id);
        if (!isOfRoot && !_seen.Contains(process.Identity))
        {
            foreach (string marker in process.Markers)
            {
                isOfRoot |= string.Equals(marker, _marker, StringComparison.Ordinal);
            }

            return isOfRoot;
        }

        return true;
    }
}
