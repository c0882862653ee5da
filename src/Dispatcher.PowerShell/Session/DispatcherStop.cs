using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Stops dispatchers for a cmdlet, one after the other, and waits until each has stopped.</summary>
internal sealed class DispatcherStop : IDisposable
{
    // Beyond the grace that tasks have: for what is ended by force.
    private static readonly TimeSpan s_afterGrace = TimeSpan.FromSeconds(1);

    private readonly DispatcherCmdlet _cmdlet;
    private readonly bool _drain;
    private readonly bool _force;
    private readonly TimeSpan _timeout;
    private ProgressRelay? _progress;

    /// <param name="cmdlet">Shows the progress of a drain, and ends the wait when it is stopped.</param>
    /// <param name="drain">Whether all tasks are finished first.</param>
    /// <param name="force">Whether running tasks are stopped.</param>
    /// <param name="timeout">How long to wait for each at most.</param>
    internal DispatcherStop(DispatcherCmdlet cmdlet, bool drain, bool force, TimeSpan timeout)
    {
        _cmdlet = cmdlet;
        _drain = drain;
        _force = force;
        _timeout = timeout;
    }

    /// <summary>Stops a dispatcher. When the time is up, its running tasks are stopped, and its queued ones kept.</summary>
    /// <exception cref="TimeoutException">The time was up. The message tells how many tasks there were.</exception>
    internal void Stop(Dispatcher dispatcher)
    {
        PendingStop stop = dispatcher.BeginQuit(_drain);
        if (_force)
        {
            dispatcher.StopRunningTasks();
        }

        // From inside one of its own tasks the stop is under way when this returns, and the task has to end for it.
        if (ReferenceEquals(Dispatcher.Current, dispatcher) || Wait(dispatcher, stop))
        {
            return;
        }

        string state = StopTasks(dispatcher, stop);
        throw new TimeoutException("Dispatcher '" + dispatcher.Name + "' did not stop within " + _timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture) + " s: " + state);
    }

    /// <inheritdoc/>
    public void Dispose() => _progress?.Abandon();

    /// <summary>Stops what runs, and waits no longer than its grace.</summary>
    /// <returns>What there was, for the error.</returns>
    private string StopTasks(Dispatcher dispatcher, PendingStop stop)
    {
        dispatcher.BeginQuit(drain: false);
        if (dispatcher.Status == DispatcherStatus.Stopped && !_cmdlet.Block(token => stop.Wait(s_afterGrace, token)))
        {
            return "its tasks have ended, but a worker has not. Its -CleanupScript may be stuck. It is left behind; " + dispatcher.Statistics.Pending + " stay queued.";
        }

        IReadOnlyList<DispatchTask> asked = dispatcher.RequestStopOfRunning();
        TimeSpan grace = dispatcher.StopGrace;
        _cmdlet.Block(token => stop.Wait(grace < TimeSpan.MaxValue - s_afterGrace ? grace + s_afterGrace : grace, token));
        return asked.Count(task => task.State == TaskState.Stopped) + " running tasks were stopped, " + dispatcher.Statistics.Pending + " stay queued.";
    }

    private bool Wait(Dispatcher dispatcher, PendingStop stop)
    {
        if (!_drain)
        {
            return _cmdlet.Block(token => stop.WaitForAll(_timeout, token));
        }

        // The stop is asked for once. Asked for again at each update, it would drain a dispatcher that somebody has started
        // again meanwhile.
        if (dispatcher.IsSuspended && dispatcher.Statistics.Pending is > 0 and var pending)
        {
            _cmdlet.WriteWarning("Dispatcher '" + dispatcher.Name + "' is suspended with " + pending + (pending == 1 ? " pending task" : " pending tasks") + ": the drain waits until Resume-Dispatcher.");
        }

        _progress = new ProgressRelay(_cmdlet);
        TaskProgress? progress = TaskProgress.Start(_progress, new DrainCount(dispatcher).Count);
        var clock = Stopwatch.StartNew();
        bool isStopped = _cmdlet.Block(token => progress is null
            ? stop.Wait(_timeout, token)
            : progress.Wait(_timeout, slice => stop.Wait(slice, token)));
        _progress.End();
        if (isStopped)
        {
            _cmdlet.Block(token => stop.WaitForAll(GetRest(clock), token));
        }

        return isStopped;
    }

    private TimeSpan GetRest(Stopwatch clock)
    {
        if (_timeout == Timeout.InfiniteTimeSpan)
        {
            return _timeout;
        }

        return _timeout > clock.Elapsed ? _timeout - clock.Elapsed : TimeSpan.Zero;
    }
}
