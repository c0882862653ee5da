using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// The processes that one thread of this process started, and what they started in turn: how the native programs that a
/// script block calls are found. One whose parent ended before the look is not. On Linux only.
/// </summary>
internal sealed class ThreadProcesses
{
    private readonly int _threadId;
    private readonly object _gate = new();
    private readonly HashSet<ProcessIdentity> _noted = [];

    internal ThreadProcesses(int threadId) => _threadId = threadId;

    /// <summary>Remembers those that are alive now, so that they can be killed when their parents are gone.</summary>
    internal void Note()
    {
        if (_threadId == 0)
        {
            return;
        }

        List<int> children = ProcessTable.ChildrenOfThread(_threadId);
        if (children.Count > 0)
        {
            lock (_gate)
            {
                _noted.UnionWith(ProcessSnapshot.Take().FindTrees(process => children.Contains(process.Identity.Id)));
            }
        }
    }

    /// <summary>Kills those remembered, and what they have started since.</summary>
    internal void KillNoted()
    {
        lock (_gate)
        {
            if (_noted.Count == 0)
            {
                return;
            }

            foreach (ProcessIdentity process in ProcessSnapshot.Take().FindTrees(process => _noted.Contains(process.Identity)))
            {
                ProcessTable.Signal(process, ProcessTable.Kill);
            }

            _noted.Clear();
        }
    }
}
