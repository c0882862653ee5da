using System;
using System.Collections.Generic;
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
    // Of looks that found somebody alive: killed processes need a moment to go, and may have started others before.
    private const int KillRounds = 50;

    private readonly ChildProcess _root;
    private readonly int _id;
    private readonly string _marker;
    private readonly object _gate = new();
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
        Uninterrupted.Enter(_gate);
        try
        {
            _isRootReaped = true;
            return _root.Reap();
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    /// <summary>Asks every process of the tree to end that was not asked before.</summary>
    internal void Terminate()
    {
        lock (_gate)
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

    /// <summary>Once the root is reaped: whether something of its tree is alive, as far as a cheap look can tell.</summary>
    internal bool HasRest() => _root.HasSurvivors() || (ProcessTable.IsSupported && ProcessSnapshot.TakeAfter(_id)?.FindTrees(IsOfTree).Count > 0);

    /// <summary>Waits until those have ended that were asked to, or the time is up. Returns at once where that cannot be seen.</summary>
    internal void WaitForAsked(TimeSpan timeout)
    {
        ProcessIdentity[] asked;
        lock (_gate)
        {
            asked = [.. _seen];
        }

        if (ProcessTable.IsSupported)
        {
            ProcessEnds.Wait(asked, timeout);
        }
    }

    /// <summary>Kills every process of the tree, those included that are started meanwhile.</summary>
    internal void Kill()
    {
        lock (_gate)
        {
            _root.KillAll();
            if (!ProcessTable.IsSupported)
            {
                if (!_isRootReaped)
                {
                    ProcessTable.KillWhole(_id);
                }

                return;
            }

            if (_root.LeadsSession && !_isRootReaped)
            {
                // Most of them at once, before they can start any more.
                _ = LinuxNative.Kill(-_id, ProcessTable.Kill);
            }

            for (int round = 0; round < KillRounds && SignalAll(ProcessTable.Kill); round++)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>Signals all that are alive, those included that were seen in an earlier look and have lost their parent since.</summary>
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
