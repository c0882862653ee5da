using System;

namespace Dispatching.PowerShell;

/// <summary>What becomes of the tasks of a session that was lost. Safe to use from any thread.</summary>
internal sealed class LostTasks
{
    private readonly RemoteRunner _runner;
    private readonly RemoteHandout _handout;
    private readonly HostFailure _hostFailure;

    internal LostTasks(RemoteRunner runner, RemoteHandout handout, HostFailure hostFailure)
    {
        _runner = runner;
        _handout = handout;
        _hostFailure = hostFailure;
    }

    /// <summary>Ends the attempt of a task that ran there, or repeats it, as was asked.</summary>
    internal void End(TaskContext attempt, string? reason)
    {
        var error = new HostLostException("Host '" + _runner.HostName + "' was lost while the task ran there: " + (reason ?? "the session was closed").TrimEnd('.') + ".");
        if (_hostFailure == HostFailure.Requeue)
        {
            _handout.Requeue(attempt, error);
        }
        else
        {
            _handout.Complete(attempt, error);
        }
    }

    /// <summary>
    /// Of what was sent, the far end had begun with the oldest, or was about to. A task that this happens to over and over
    /// counts as one that ran, or it would be sent without end.
    /// </summary>
    internal void EndSuspects(DispatchTask[] oldest, string? reason)
    {
        foreach (DispatchTask task in oldest)
        {
            if (_handout.IsLostTooOften(_runner, task) && _handout.Start(_runner, task) is { } attempt)
            {
                End(attempt, reason);
            }
        }
    }
}
