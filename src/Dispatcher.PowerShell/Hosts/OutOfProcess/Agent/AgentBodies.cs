namespace Dispatching.PowerShell;

/// <summary>
/// The bodies of an agent's tasks: those of tasks everywhere, which first say that they have started. A session to a host has
/// to hear of it before anything is done, or it would send a task that ends its process to one host after the other.
/// </summary>
internal static class AgentBodies
{
    internal static IDispatchable Wrap(IDispatchable body, AgentTask task, bool waits) =>
        body is IHostedDispatchable ? new Hosted(body, task, waits) : new Plain(body, task, waits);

    private sealed class Hosted(IDispatchable body, AgentTask task, bool waits) : IHostedDispatchable
    {
        public void Execute(TaskContext context)
        {
            task.OnStarted(context, waits);
            body.Execute(context);
        }
    }

    private sealed class Plain(IDispatchable body, AgentTask task, bool waits) : IDispatchable
    {
        public void Execute(TaskContext context)
        {
            task.OnStarted(context, waits);
            body.Execute(context);
        }
    }
}
