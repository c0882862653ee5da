namespace Dispatching;

/// <summary>The part of a worker that its host calls back.</summary>
public interface IWorkerLoop
{
    /// <summary>Runs one task after the other, until the worker has to leave its host.</summary>
    void RunTasks();
}
