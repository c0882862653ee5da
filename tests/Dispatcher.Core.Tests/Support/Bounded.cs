using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Dispatching.Tests.Support;

/// <summary>Every wait of these tests goes through here, so that a hang becomes a failure that says what it hung on.</summary>
internal static class Bounded
{
    /// <summary>Far longer than anything takes, also on a busy machine. No test passes because of it.</summary>
    internal static TimeSpan Limit { get; } = TimeSpan.FromSeconds(60);

    internal static void Wait(WaitHandle handle, string what) => Check(handle.WaitOne(Limit), what);

    internal static void Wait(ManualResetEventSlim gate, string what) => Check(gate.Wait(Limit), what);

    internal static void Wait(Task task, string what)
    {
        if (Task.WaitAny([task], Limit) != 0)
        {
            Check(happened: false, what);
        }

        task.GetAwaiter().GetResult();
    }

    internal static void Join(Thread thread, string what) => Check(thread.Join(Limit), what);

    /// <summary>Waits until the task has ended, and returns how.</summary>
    internal static TaskState End(DispatchTask task)
    {
        Check(task.Wait(Limit), "task " + task.Name + " to end; it is " + task.State);
        return task.State;
    }

    internal static void End(IEnumerable<DispatchTask> tasks)
    {
        foreach (DispatchTask task in tasks)
        {
            End(task);
        }
    }

    internal static void Quit(Dispatcher dispatcher, bool drain) =>
        Check(dispatcher.Quit(drain, Limit), "the dispatcher to stop; it is " + Describe(dispatcher));

    /// <summary>For what gives no event: looks again until it is so.</summary>
    internal static void Until(Func<bool> condition, string what) => Check(SpinWait.SpinUntil(condition, Limit), what);

    /// <summary>Runs something that must not hang on a thread of its own.</summary>
    internal static void Do(Action action, string what) =>
        Wait(Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default), what);

    /// <summary>Runs the same on several threads at once, and waits for all.</summary>
    internal static void OnThreads(int count, Action<int> action)
    {
        Task[] tasks = [.. Enumerable.Range(0, count).Select(index => Task.Factory.StartNew(
            () => action(index), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        foreach (Task task in tasks)
        {
            Wait(task, "the test's own threads");
        }
    }

    internal static string Describe(Dispatcher dispatcher)
    {
        DispatcherStatistics s = dispatcher.Statistics;
        return string.Create(CultureInfo.InvariantCulture, $"{dispatcher.Status}, {dispatcher.WorkerCount} workers ({dispatcher.IdleWorkerCount} idle), sent {s.Sent}, pending {s.Pending}, running {s.Running}, completed {s.Completed}, failed {s.Failed}, timed out {s.TimedOut}, stopped {s.Stopped}");
    }

    private static void Check(bool happened, string what)
    {
        if (!happened)
        {
            throw new TimeoutException("Waited in vain for " + what + ".");
        }
    }
}
