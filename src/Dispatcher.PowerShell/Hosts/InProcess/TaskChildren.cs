using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>
/// What the running task has started outside of its worker's runspace: native programs, jobs and sessions. They end when
/// the task is stopped; the programs also when this process ends.
/// </summary>
internal sealed class TaskChildren : IExitParticipant
{
    private ThreadProcesses? _processes;
    private EngineChildren? _engine;

    /// <summary>Begins to follow what this thread, which is the worker's, starts.</summary>
    internal void TrackThread()
    {
        _processes = new ThreadProcesses(ProcessTable.CurrentThreadId());
        ProcessExit.Add(this);
    }

    /// <summary>Begins to follow the jobs and sessions of the worker's runspace.</summary>
    internal void TrackEngine(PSCmdlet loop, Runspace runspace) => _engine ??= new EngineChildren(loop, runspace);

    /// <summary>A task begins: what is there already is not its own.</summary>
    internal void BeginTask()
    {
        _processes?.BeginTask();
        _engine?.BeginTask();
    }

    /// <summary>
    /// Begins to end them. The programs are noted, for <see cref="KillNoted"/>: the engine kills the one that the block is
    /// running, and nobody would find what that one has started once it is gone.
    /// </summary>
    internal void BeginStop()
    {
        _processes?.Note();
        _engine?.End();
    }

    /// <summary>Kills the programs that were noted, and what they have started since.</summary>
    internal void KillNoted() => _processes?.KillNoted();

    /// <summary>Kills the programs, and ends the rest.</summary>
    internal void Kill()
    {
        _processes?.Note();
        _processes?.KillNoted();
        _engine?.End();
    }

    /// <summary>The worker ends. What is left then belongs to nobody.</summary>
    internal void StopTracking() => ProcessExit.Remove(this);

    /// <inheritdoc/>
    public void OnProcessExit() => _processes?.KillAll();
}
