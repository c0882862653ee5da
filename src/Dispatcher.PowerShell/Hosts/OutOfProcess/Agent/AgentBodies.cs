namespace Dispatching.PowerShell;

/// <summary>The bodies of an agent's tasks: those of tasks everywhere, which first say that they have started.</summary>
internal static class AgentBodies
{
    internal static IDispatchable Wrap(IDispatchable body, AgentTask task) => body is IHostedDispatchable ? new Hosted(body, task) : new Plain(body, task);

    private sealed class Hosted(IDispatchable body, AgentTask task) : IHostedDispatchable
    {
        public void Execute(TaskContext context)
        {
            task.OnStarted(context);
            body.Execute(context);
        }
    }

    private sealed class Plain(IDispatchable body, AgentTask task) : IDispatchable
    {
        public void Execute(TaskContext context)
        {
            task.OnStarted(context);
            body.Execute(context);
        }
    }
}
