using System;
using System.Collections.Generic;

namespace Dispatching.Tests.Support;

/// <summary>A session with nothing behind it: what its far end starts, gives back and ends is up to the test.</summary>
internal sealed class FakeRemoteRunner : RemoteRunner
{
    private readonly RemoteHandout _remote;

    internal FakeRemoteRunner(Dispatcher dispatcher, string host = "a", int number = 1, int lanes = 2)
        : base(dispatcher.Scheduler, number, host, host.ToUpperInvariant(), lanes) => _remote = dispatcher.Scheduler.Remote;

    internal int WakeCount { get; private set; }

    /// <summary>What it was asked to give back, in that order.</summary>
    internal List<DispatchTask> Recalled { get; } = [];

    /// <summary>The attempts that it was asked to stop.</summary>
    internal List<TaskContext> Stopped { get; } = [];

    internal List<TaskContext> Abandoned { get; } = [];

    internal List<DispatchTask> Claim(int max = 1000)
    {
        var claimed = new List<DispatchTask>();
        _remote.Claims.Claim(this, max, claimed);
        return claimed;
    }

    internal TaskContext? Start(DispatchTask task) => _remote.Start(this, task);

    /// <summary>Starts one that is this runner's.</summary>
    internal TaskContext Run(DispatchTask task) => Start(task) ?? throw new InvalidOperationException("The task is not this runner's.");

    internal void Return(DispatchTask task) => _remote.Return(this, task);

    internal void Complete(TaskContext attempt, Exception? error = null) => _remote.Complete(attempt, error);

    internal void Requeue(TaskContext attempt) => _remote.Requeue(attempt, new TimeoutException("lost"));

    internal void Leave() => _remote.Leave(this);

    internal override void Recall(DispatchTask task) => Recalled.Add(task);

    internal override void Wake() => WakeCount++;

    internal override void RequestHostStop(TaskContext attempt) => Stopped.Add(attempt);

    internal override void OnAbandoned(TaskContext attempt) => Abandoned.Add(attempt);
}
