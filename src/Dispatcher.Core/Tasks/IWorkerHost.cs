using System;

namespace Dispatching;

/// <summary>
/// What a worker runs hosted tasks through: a runspace in this process, say. A worker makes its host when it first needs
/// one, runs it on its own thread, and disposes of it there when it retires.
/// </summary>
public interface IWorkerHost : IDisposable
{
    /// <summary>Whether <see cref="IWorkerLoop.RunTasks"/> may run another task, or has to return so that the host can start over.</summary>
    bool CanRunTasks { get; }

    /// <summary>
    /// Calls <see cref="IWorkerLoop.RunTasks"/> once, on this thread, inside what the host provides, and returns when
    /// that has returned.
    /// </summary>
    /// <returns>Whether the host can run again. If not, the worker disposes of it and makes another.</returns>
    bool Run(IWorkerLoop loop);

    /// <summary>
    /// Asks what runs now to end, the opening of the host included, so that <see cref="IWorkerLoop.RunTasks"/> returns. Called from another thread; must
    /// not block; must not reach a later <see cref="Run"/>.
    /// </summary>
    void RequestStop();

    /// <summary>Ends what the running code started outside of this process. Called from another thread.</summary>
    void ForceStop();
}
