using System;

namespace Dispatching.Tests.Support;

/// <summary>A worker's host that only watches what happens to it.</summary>
internal sealed class FakeHost : IWorkerHost
{
    public bool CanRunTasks { get; set; } = true;

    internal bool IsUsableAgain { get; set; } = true;

    internal int RequestedStops { get; private set; }

    internal int ForcedStops { get; private set; }

    internal int Runs { get; private set; }

    internal int Disposals { get; private set; }

    internal int CreatedOn { get; } = Environment.CurrentManagedThreadId;

    internal int DisposedOn { get; private set; }

    internal Action? OnRequestStop { get; init; }

    internal Action<IWorkerLoop> OnRun { get; init; } = loop => loop.RunTasks();

    internal static DispatchTask Task(Action<TaskContext> action, TaskOptions? options = null) => new(new HostedBody(action), options);

    public bool Run(IWorkerLoop loop)
    {
        Runs++;
        OnRun(loop);
        return IsUsableAgain;
    }

    public void RequestStop()
    {
        RequestedStops++;
        OnRequestStop?.Invoke();
    }

    public void ForceStop() => ForcedStops++;

    public void Dispose()
    {
        Disposals++;
        DisposedOn = Environment.CurrentManagedThreadId;
    }

    private sealed class HostedBody(Action<TaskContext> action) : IHostedDispatchable
    {
        public void Execute(TaskContext context) => action(context);
    }
}
