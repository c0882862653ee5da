using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>The claims of one runner.</summary>
internal sealed class TaskClaims : ITaskClaims
{
    private readonly RemoteHandout _handout;
    private readonly TaskRunner _runner;

    internal TaskClaims(RemoteHandout handout, TaskRunner runner)
    {
        _handout = handout;
        _runner = runner;
    }

    /// <inheritdoc/>
    public void Claim(int max, List<DispatchTask> claimed)
    {
        switch (_runner)
        {
            case RemoteRunner remote:
                _handout.Claims.Claim(remote, max, claimed);
                break;
            case Worker worker:
                _handout.Claims.ClaimAhead(worker, max, claimed);
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public TaskContext? Start(DispatchTask task) => _handout.Start(_runner, task);

    /// <inheritdoc/>
    public void Return(DispatchTask task) => _handout.Return(_runner, task);

    /// <inheritdoc/>
    public void ReturnAll() => _handout.ReturnAll(_runner);

    /// <inheritdoc/>
    public void Complete(TaskContext attempt, Exception? error) => _handout.Complete(attempt, error);
}
