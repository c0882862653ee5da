using System;
using System.Collections.Generic;
using System.Linq;

namespace Dispatching.Tests.Support;

/// <summary>A task that runs until it is released, and does not listen to its token.</summary>
internal sealed class Blocker : IDispatchable, IDisposable
{
    private readonly Gate _started = new("a blocker to start");
    private readonly Gate _released = new("a blocker to be released");

    internal Blocker(TaskOptions? options = null) => Task = new DispatchTask(this, options);

    internal DispatchTask Task { get; }

    internal bool HasStarted => _started.IsOpen;

    internal TaskContext? Context { get; private set; }

    /// <summary>Sends one, and waits until it runs.</summary>
    internal static Blocker On(Dispatcher dispatcher, TaskOptions? options = null)
    {
        var blocker = new Blocker(options);
        dispatcher.Dispatch(blocker.Task);
        blocker.WaitUntilStarted();
        return blocker;
    }

    /// <summary>Shows that so many tasks can run at the same time, and leaves the dispatcher as it was.</summary>
    internal static void CheckStrength(Dispatcher dispatcher, int count)
    {
        List<Blocker> blockers = [.. Enumerable.Range(0, count).Select(_ => On(dispatcher, s_unlimited))];
        blockers.ForEach(blocker => blocker.Release());
        blockers.ForEach(blocker => Bounded.End(blocker.Task));
    }

    internal void WaitUntilStarted() => _started.Wait();

    internal void Release() => _released.Open();

    public void Execute(TaskContext context)
    {
        Context = context;
        _started.Open();
        _released.Wait();
    }

    public void Dispose() => Release();

    private static readonly TaskOptions s_unlimited = new() { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
}
