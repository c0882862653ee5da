using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// The processes that the running task has started on one thread of this process, and what they started in turn: how the
/// native programs that a script block calls are found. What earlier tasks of the thread have left running is not among
/// them, nor is what the engine ends by itself, such as the PowerShell that serves a job. One whose parent ended before the
/// scan is not found. On Linux only.
/// </summary>
internal sealed class ThreadProcesses
{
    private readonly int _threadId;
    private readonly object _lock = new();
    private readonly HashSet<ProcessIdentity> _noted = [];
    private HashSet<ProcessIdentity>? _earlier;

    internal ThreadProcesses(int threadId) => _threadId = threadId;

    /// <summary>A task begins: what is there already is none of its own. On the thread itself.</summary>
    internal void BeginTask()
    {
        if (_threadId == 0)
        {
            return;
        }

        HashSet<ProcessIdentity>? earlier = null;
        if (ProcessTable.MayHaveChildren())
        {
            earlier = [];
            foreach (int id in ProcessTable.ChildrenOfThread(_threadId))
            {
                if (ProcessSnapshot.Find(id) is { } process)
                {
                    earlier.Add(process);
                }
            }
        }

        if (earlier is not null || _earlier is not null)
        {
            InterruptSafe.Enter(_lock);
            _earlier = earlier;
            System.Threading.Monitor.Exit(_lock);
        }
    }

    /// <summary>Remembers those of the task that are alive now, so that they can be killed when their parents are gone.</summary>
    internal void Note() => Note(alsoEarlier: false);

    /// <summary>Kills those remembered, and what they have started since.</summary>
    internal void KillNoted()
    {
        lock (_lock)
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

    /// <summary>Kills those of all tasks of the thread: this process ends.</summary>
    internal void KillAll()
    {
        Note(alsoEarlier: true);
        KillNoted();
    }

    private void Note(bool alsoEarlier)
    {
        if (_threadId == 0)
        {
            return;
        }

        List<int> children = ProcessTable.ChildrenOfThread(_threadId);
        children.RemoveAll(ProcessTable.IsEngineServer);
        if (children.Count > 0)
        {
            lock (_lock)
            {
                _noted.UnionWith(ProcessSnapshot.Take().FindTrees(
                    process => children.Contains(process.Identity.Id) && (alsoEarlier || _earlier?.Contains(process.Identity) != true)));
            }
        }
    }
}
