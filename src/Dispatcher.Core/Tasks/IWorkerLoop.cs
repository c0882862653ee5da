namespace Dispatching;

/// <summary>The part of a worker that its host calls back.</summary>
public interface IWorkerLoop
{
    /// <summary>Runs one task after the other, until the worker has to leave its host.</summary>
    void RunTasks();

    /// <summary>
    /// Has the worker leave its host where it is idle in it, and so <see cref="RunTasks"/> return. Called from another thread
    /// when the host is being closed; does not block, and does nothing to a task that runs.
    /// </summary>
    void Leave();
}
