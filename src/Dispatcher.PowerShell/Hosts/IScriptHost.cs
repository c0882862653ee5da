namespace Dispatching.PowerShell;

/// <summary>
/// The host of a worker that can run script blocks, wherever their runspace is: in this process, in another one, or on
/// another machine.
/// </summary>
internal interface IScriptHost : IWorkerHost
{
    /// <summary>
    /// Runs a script block for the task of the context, on the thread of the worker, while <see cref="IWorkerHost.Run"/> is
    /// in its loop. What it writes goes into the context. Returns when it has ended, and throws the error that ended it.
    /// </summary>
    /// <exception cref="ScriptExitException">It called exit with a code other than 0.</exception>
    void Execute(ScriptInvocation script, TaskContext context);
}
