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
        if (ProcessTable.IsSupported && ProcessTable.TryIdentify(root, out ProcessIdentity process))
        {
            _seen.Add(process);
        }
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
        if (ProcessTable.IsSupported)
        {
            Kill(Find);
        }
        else
        {
            ProcessTable.KillWhole(_root);
        }
    }

    /// <summary>
    /// Kills what is left when the root has ended by itself. As cheap as can be, since it is done after each executable:
    /// what the root started has a later id than the root. Does nothing where there is no <c>/proc</c>.
    /// </summary>
    internal void KillRest()
    {
        if (ProcessTable.IsSupported)
        {
            Kill(() => Find(ProcessTable.IdsAfter(_root)));
        }
    }

    private void Kill(Func<List<ProcessIdentity>> find)
    {
        lock (_gate)
        {
            for (int round = 0; round < KillRounds; round++)
            {
                List<ProcessIdentity> processes = find();
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
    private List<ProcessIdentity> Find() => Find(among: null);

    private List<ProcessIdentity> Find(IEnumerable<int>? among)
    {
        List<ProcessIdentity> found = ProcessTable.FindTree(Array.Empty<int>(), _marker, _seen, among);
        _seen.UnionWith(found);
        return found;
    }
}
