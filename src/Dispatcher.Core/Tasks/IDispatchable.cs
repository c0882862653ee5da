namespace Dispatching;

/// <summary>What a task does. The same instance may be the body of many tasks, and may run on several workers at once.</summary>
public interface IDispatchable
{
    /// <summary>
    /// Runs on a worker's own thread. An exception makes the task <see cref="TaskState.Failed"/>; the worker goes on. A
    /// body that calls <see cref="System.Threading.Thread.Interrupt"/> on that thread, and leaves the interrupt pending,
    /// leaves it to the worker's next task, unless it runs in a host (<see cref="IHostedDispatchable"/>).
    /// </summary>
    /// <param name="context">This attempt: its input, its output, and the token that asks it to stop.</param>
    void Execute(TaskContext context);
}
