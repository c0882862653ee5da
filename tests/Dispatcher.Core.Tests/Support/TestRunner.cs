using System;
using System.Collections.Generic;

namespace Dispatching.Tests.Support;

/// <summary>A runner that takes several tasks at once and leaves their ends to the test, as a session with another process would.</summary>
internal sealed class TestRunner : TaskRunner
{
    private readonly TaskHandout _handout;

    internal TestRunner(Dispatcher dispatcher)
        : base(dispatcher.Scheduler, number: 7) => _handout = dispatcher.Scheduler.Handout;

    internal int WakeCount { get; private set; }

    internal int AbandonedCount { get; private set; }

    internal override bool HoldsPlace => false;

    internal override IWorkerHost? Host => null;

    internal List<TaskContext> Take(int max)
    {
        var attempts = new List<TaskContext>();
        _handout.Take(this, max, attempts);
        return attempts;
    }

    internal void Complete(TaskContext attempt, Exception? error = null) => _handout.Complete(attempt, error);

    internal override void Wake() => WakeCount++;

    internal override void RequestHostStop(TaskContext attempt)
    {
        // These tasks listen to nothing.
    }

    internal override void OnAbandoned(TaskContext attempt) => AbandonedCount++;

    internal override void AbandonTask() => throw new NotSupportedException();
}
