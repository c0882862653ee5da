using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A process and all that it started. They are found by two ways: the chain of parents, and, on Linux, a variable in the
/// environment that descendants inherit, which also finds those whose parent is gone. What starts a process of its own
/// with an emptied environment, and then ends, is not found.
/// </summary>
internal sealed class ProcessTree
{
    private const int KillRounds = 20;

    private readonly int _root;
    private readonly string _marker;
    private readonly object _gate = new();
    private readonly HashSet<ProcessIdentity> _seen = [];

    internal ProcessTree(int root, string marker)
    {
        _root = root;
        _marker = marker;
    }

    /// <summary>Makes the name of an environment variable that no other process tree has.</summary>
    internal static string NewMarker() => "DISPATCHER_TASK_" + Guid.NewGuid().ToString("N");

    /// <summary>Asks every process of the tree to end.</summary>
    internal void Terminate()
    {
        lock (_gate)
        {
            if (!ProcessTable.IsSupported)
            {
                ProcessTable.TerminateWhole(_root);
                return;
            }

            foreach (ProcessIdentity process in Find())
            {
                ProcessTable.Signal(process, ProcessTable.Terminate);
            }
        }
    }

    /// <summary>Kills every process of the tree, those included that are started meanwhile.</summary>
    internal void Kill()
    {
        lock (_gate)
        {
            if (!ProcessTable.IsSupported)
            {
                ProcessTable.KillWhole(_root);
                return;
            }

            for (int round = 0; round < KillRounds; round++)
            {
                List<ProcessIdentity> processes = Find();
                if (processes.Count == 0)
                {
                    return;
                }

                foreach (ProcessIdentity process in processes)
                {
                    ProcessTable.Signal(process, ProcessTable.Kill);
                }

                Thread.Yield();
            }
        }
    }

    /// <summary>All that are alive, those included that were seen in an earlier look and have lost their parent since.</summary>
    private List<ProcessIdentity> Find()
    {
        List<ProcessIdentity> found = ProcessTable.FindTree([_root], _marker, _seen);
        _seen.UnionWith(found);
        return found;
    }
}
