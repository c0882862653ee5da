using System;
using System.Collections.Generic;

namespace Dispatching.Tests.Support;

/// <summary>A runner set that notes when it is opened and closed, and reports its end when the test says so.</summary>
internal sealed class FakeRunnerSet : IRunnerSet
{
    private readonly Queue<Action> _closed = new();

    public int OpenLanes { get; set; }

    public int MaxLanes => 8;

    internal int OpenCount { get; private set; }

    internal int CloseCount { get; private set; }

    internal Scheduler? Scheduler { get; private set; }

    /// <summary>Whether it reports its end at once.</summary>
    internal bool ClosesAtOnce { get; set; }

    public string[] TakeNotices() => [];

    public void Open(Scheduler scheduler)
    {
        OpenCount++;
        Scheduler = scheduler;
    }

    public void Close(Action closed)
    {
        CloseCount++;
        if (ClosesAtOnce)
        {
            closed();
        }
        else
        {
            _closed.Enqueue(closed);
        }
    }

    internal void ReportClosed() => _closed.Dequeue()();
}
