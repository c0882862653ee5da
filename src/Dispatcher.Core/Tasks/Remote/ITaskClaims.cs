using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// What a runner may do that claims tasks ahead and has them run elsewhere: a claimed task is pending until it has started
/// there. Safe to use from any thread.
/// </summary>
internal interface ITaskClaims
{
    /// <summary>Claims ready tasks, in the order in which workers would get them. Each is to be started, or to be returned.</summary>
    /// <param name="max">How many at most.</param>
    /// <param name="claimed">Gets them.</param>
    void Claim(int max, List<DispatchTask> claimed);

    /// <summary>The far end has started a task, or is about to: its attempt begins, and its timeout.</summary>
    /// <returns><see langword="null"/> when the task is not this runner's any more. The far end is to stop it, and nothing of it counts.</returns>
    TaskContext? Start(DispatchTask task);

    /// <summary>The far end gives back a task that it has not started, or can no longer start one: as if it had never been claimed.</summary>
    void Return(DispatchTask task);

    /// <summary>Returns all that has not started.</summary>
    void ReturnAll();

    /// <summary>Reports how an attempt has ended. One that was abandoned meanwhile has ended already.</summary>
    void Complete(TaskContext attempt, Exception? error);
}
