using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// The jobs and sessions that the running task has started in its worker's runspace. Those that have processes are ended by
/// the engine, which would wait for ever for a process that somebody else has killed. Those of earlier tasks stay.
/// </summary>
internal sealed class EngineChildren
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // Not of other sources: some read their jobs from the disk, and those outlive the process.
    private static readonly string[] s_threadJobs = ["*ThreadJob*"];

    private readonly JobRepository _jobs;
    private readonly Func<Cmdlet?, bool, bool, string[], List<Job2>>? _getJobsOfSources;
    private readonly Func<IEnumerable<PSSession>> _getSessions;
    private HashSet<object>? _earlier;

    internal EngineChildren(PSCmdlet loop, Runspace runspace)
    {
        _jobs = loop.JobRepository;
        _getJobsOfSources = FindJobsOfSources(loop.JobManager);
        _getSessions = FindSessions(runspace) ?? (() => []);
    }

    /// <summary>A task begins: what is there already is not its own.</summary>
    internal void BeginTask()
    {
        HashSet<object>? earlier = null;
        foreach (Job job in _jobs.Jobs)
        {
            (earlier ??= []).Add(job);
        }

        foreach (Job job in GetThreadJobs())
        {
            (earlier ??= []).Add(job);
        }

        foreach (PSSession session in _getSessions())
        {
            (earlier ??= []).Add(session);
        }

        Volatile.Write(ref _earlier, earlier);
    }

    /// <summary>Has the engine end them, each on a thread of its own: one that is stuck must not hold up the others.</summary>
    internal void End()
    {
        HashSet<object>? earlier = Volatile.Read(ref _earlier);
        foreach (Job job in _jobs.Jobs.Concat(GetThreadJobs()))
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

    private List<Job2> GetThreadJobs()
    {
        try
        {
            return _getJobsOfSources?.Invoke(null, false, false, s_threadJobs) ?? [];
        }
        catch (Exception e) when (e is not (OutOfMemoryException or ThreadInterruptedException))
        {
            // The jobs of a source that fails cannot be ended.
            return [];
        }
    }

    private static void Start(Action end) => BackgroundThread.TryStart("Dispatcher stop", end);

    /// <summary>Jobs of a job source adapter are not in the repository. The engine has no public way to them.</summary>
    private static Func<Cmdlet?, bool, bool, string[], List<Job2>>? FindJobsOfSources(JobManager manager)
    {
        MethodInfo? method = typeof(JobManager).GetMethod("GetJobs", Any, binder: null, [typeof(Cmdlet), typeof(bool), typeof(bool), typeof(string[])], modifiers: null);
        return method?.ReturnType == typeof(List<Job2>)
            ? (Func<Cmdlet?, bool, bool, string[], List<Job2>>)Delegate.CreateDelegate(typeof(Func<Cmdlet?, bool, bool, string[], List<Job2>>), manager, method)
            : null;
    }

    /// <summary>The sessions are in a repository of the runspace, which is not public.</summary>
    private static Func<IEnumerable<PSSession>>? FindSessions(Runspace runspace)
    {
        object? repository = runspace.GetType().GetProperty("RunspaceRepository", Any)?.GetValue(runspace);
        return repository?.GetType().GetProperty("Runspaces", Any)?.GetMethod is { } getter && typeof(IEnumerable<PSSession>).IsAssignableFrom(getter.ReturnType)
            ? (Func<IEnumerable<PSSession>>?)Delegate.CreateDelegate(typeof(Func<IEnumerable<PSSession>>), repository, getter)
            : null;
    }
}
