using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Warnings of a cmdlet that waits for tasks: that some are queued in a dispatcher that does not run, and that one has very
/// much output. Each comes once. For the thread that waits.
/// </summary>
internal sealed class WaitNotices : IDisposable
{
    private readonly Cmdlet _cmdlet;
    private readonly IInterruptibleWait _wait;
    private readonly HashSet<Dispatcher> _dispatchers = [];
    private readonly HashSet<Dispatcher> _told = [];

    /// <param name="cmdlet">Where the warnings go.</param>
    /// <param name="wait">The wait that returns early when there is something to warn of.</param>
    internal WaitNotices(Cmdlet cmdlet, IInterruptibleWait wait)
    {
        _cmdlet = cmdlet;
        _wait = wait;
    }

    /// <summary>Watches the dispatcher of a task.</summary>
    internal void Follow(DispatchTask task)
    {
        if (task.Dispatcher is { } dispatcher && _dispatchers.Add(dispatcher))
        {
            dispatcher.AddWait(_wait);
        }
    }

    /// <summary>Waits, and writes the warnings before and meanwhile.</summary>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="getOpen">Gets the tasks that have not ended.</param>
    /// <param name="any">Whether the end of one of them ends the wait.</param>
    /// <param name="wait">Waits for this long at most.</param>
    /// <returns>What the last wait returned.</returns>
    internal bool Wait(TimeSpan timeout, Func<IEnumerable<DispatchTask>> getOpen, bool any, Func<TimeSpan, bool> wait)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan left = timeout;
        while (true)
        {
            if (left != TimeSpan.Zero)
            {
                Say(getOpen, any);
            }

            bool isDone = wait(left);
            if (isDone || !_wait.WasInterrupted)
            {
                TellHalts();
                return isDone;
            }

            if (timeout != Timeout.InfiniteTimeSpan)
            {
                left = timeout - TimeSpan.FromSeconds((double)(Stopwatch.GetTimestamp() - start) / Stopwatch.Frequency);
                left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Dispatcher dispatcher in _dispatchers)
        {
            dispatcher.RemoveWait(_wait);
        }
    }

    private void Say(Func<IEnumerable<DispatchTask>> getOpen, bool any)
    {
        foreach (Dispatcher dispatcher in _dispatchers)
        {
            Array.ForEach(dispatcher.Unreceived.TakeLargeWarnings(), _cmdlet.WriteWarning);
            Array.ForEach(dispatcher.Scheduler.RunnerSet?.TakeNotices() ?? [], _cmdlet.WriteWarning);
        }

        TellHalts();

        if (_dispatchers.All(dispatcher => _told.Contains(dispatcher) || IsWorking(dispatcher)))
        {
            return;
        }

        DispatchTask[] open = getOpen().ToArray();
        DispatchTask[] held = Array.FindAll(open, task => task.State == TaskState.Pending && task.Dispatcher is { } dispatcher && !IsWorking(dispatcher));
        if (any && held.Length < open.Length)
        {
            return;
        }

        foreach (IGrouping<Dispatcher?, DispatchTask> group in held.GroupBy(task => task.Dispatcher))
        {
            if (group.Key is { } dispatcher && _told.Add(dispatcher))
            {
                _cmdlet.WriteWarning(Describe(dispatcher, group.Count()));
            }
        }
    }

    private void TellHalts()
    {
        foreach (Dispatcher dispatcher in _dispatchers)
        {
            _cmdlet.TellHalt(dispatcher);
        }
    }

    private static bool IsWorking(Dispatcher dispatcher) => dispatcher.Status is (DispatcherStatus.Running or DispatcherStatus.Draining) && !dispatcher.IsSuspended;

    private static string Describe(Dispatcher dispatcher, int count) => string.Format(
        CultureInfo.CurrentCulture,
        dispatcher.IsSuspended && dispatcher.Status is (DispatcherStatus.Running or DispatcherStatus.Draining)
            ? count == 1
                ? "1 task waits for dispatcher '{1}', which is suspended. It starts after Resume-Dispatcher."
                : "{0} tasks wait for dispatcher '{1}', which is suspended. They start after Resume-Dispatcher."
        : count == 1
            ? "1 task waits for dispatcher '{1}', which is {2}. It starts when the dispatcher runs: start it with Start-Dispatcher."
            : "{0} tasks wait for dispatcher '{1}', which is {2}. They start when the dispatcher runs: start it with Start-Dispatcher.",
        count,
        dispatcher.Name,
        dispatcher.Status);
}
