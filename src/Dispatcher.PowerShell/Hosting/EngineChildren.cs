using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// The jobs and sessions that the running task has started in its worker's runspace. They may have processes; the engine
/// ends those, and waits in vain for one that somebody else has killed. Those of earlier tasks are left alone.
/// </summary>
internal sealed class EngineChildren
{
    private readonly JobRepository _jobs;
    private readonly Func<IEnumerable<PSSession>> _getSessions;
    private HashSet<object>? _earlier;

    internal EngineChildren(JobRepository jobs, Runspace runspace)
    {
        _jobs = jobs;
        _getSessions = FindSessions(runspace) ?? (() => []);
    }

    /// <summary>A task begins: what is there already is none of its own.</summary>
    internal void BeginTask()
    {
        HashSet<object>? earlier = null;
        foreach (Job job in _jobs.Jobs)
        {
            (earlier ??= []).Add(job);
        }

        foreach (PSSession session in _getSessions())
        {
            (earlier ??= []).Add(session);
        }

        Volatile.Write(ref _earlier, earlier);
    }

    /// <summary>Has the engine end them, each on a thread of its own: one that is stuck must not keep the others.</summary>
    internal void End()
    {
        HashSet<object>? earlier = Volatile.Read(ref _earlier);
        foreach (Job job in _jobs.Jobs)
        {
            if (earlier?.Contains(job) != true && job.JobStateInfo.State is not (JobState.Completed or JobState.Failed or JobState.Stopped))
            {
                Start(job.StopJob);
            }
        }

        foreach (PSSession session in _getSessions())
        {
            if (earlier?.Contains(session) != true && session.Runspace.RunspaceStateInfo.State is RunspaceState.Opened or RunspaceState.Opening)
            {
                Start(session.Runspace.Close);
            }
        }
    }

    private static void Start(Action end) => new Thread(() => Guard(end)) { IsBackground = true, Name = "Dispatcher stop" }.Start();

    private static void Guard(Action end)
    {
        try
        {
            end();
        }
        catch (Exception)
        {
            // It ended first. An exception that leaves a thread would end the process.
        }
    }

    /// <summary>The sessions are in a repository of the runspace, like the jobs, but the engine has no public way to it.</summary>
    private static Func<IEnumerable<PSSession>>? FindSessions(Runspace runspace)
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        object? repository = runspace.GetType().GetProperty("RunspaceRepository", Any)?.GetValue(runspace);
        return repository?.GetType().GetProperty("Runspaces", Any)?.GetMethod is { } getter && typeof(IEnumerable<PSSession>).IsAssignableFrom(getter.ReturnType)
            ? (Func<IEnumerable<PSSession>>?)Delegate.CreateDelegate(typeof(Func<IEnumerable<PSSession>>), repository, getter)
            : null;
    }
}
