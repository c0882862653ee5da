using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Stops a dispatcher, and waits until it has stopped.</summary>
[Cmdlet(VerbsLifecycle.Stop, "Dispatcher", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(Dispatcher))]
public sealed class StopDispatcherCommand : DispatcherTargetCmdlet
{
    // Beyond the grace that tasks have: for what is ended by force.
    private static readonly TimeSpan s_afterGrace = TimeSpan.FromSeconds(1);

    private ProgressRelay? _progress;

    /// <summary>Finish everything first: what is queued, what runs, what waits for a retry, and what is sent meanwhile.</summary>
    [Parameter]
    public SwitchParameter Drain { get; set; }

    /// <summary>
    /// How long to wait at most; default as long as it takes. When it runs out, what runs is stopped, what is queued is
    /// kept, and an error tells how many there are of each. What does not end in its StopGrace then is left behind.
    /// </summary>
    [Parameter]
    [Duration(DurationKind.Wait)]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Stop the running tasks instead of waiting for them.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the dispatcher to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Drain && Force)
        {
            Terminate(
                new PSArgumentException("-Drain finishes all tasks and -Force stops them: give one of the two. To drain for a limited time, give -Drain and -Timeout."),
                ErrorIds.DrainWithForce,
                ErrorCategory.InvalidArgument,
                target: null);
        }
    }

    private protected override void Process(Dispatcher dispatcher)
    {
        if (!Confirm(ActionText.Stop(dispatcher, Drain, Force)))
        {
            return;
        }

        if (Drain && dispatcher.Status == DispatcherStatus.Stopped && dispatcher.Statistics.Pending > 0)
        {
            WriteError(
                "Dispatcher '" + dispatcher.Name + "' is not running, so its " + dispatcher.Statistics.Pending + " queued tasks cannot be finished. Start it first with Start-Dispatcher.",
                ErrorIds.DispatcherNotRunning,
                ErrorCategory.InvalidOperation,
                dispatcher);
        }
        else
        {
            Stop(dispatcher);
            WarnOfLog(dispatcher);
            if (Drain)
            {
                WarnOfUnreceived(dispatcher);
            }
        }

        if (PassThru)
        {
            WriteObject(dispatcher);
        }
    }

    private void Stop(Dispatcher dispatcher)
    {
        PendingStop stop = dispatcher.BeginQuit(Drain);
        if (Force)
        {
            dispatcher.StopRunningTasks();
        }

        // From inside one of its own tasks the stop is under way when this returns, and the task has to end for it.
        if (ReferenceEquals(Dispatcher.Current, dispatcher) || Wait(dispatcher, stop))
        {
            return;
        }

        string state = StopTasks(dispatcher, stop);
        WriteError(new ErrorRecord(
            new TimeoutException("Dispatcher '" + dispatcher.Name + "' did not stop within " + Timeout.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture) + " s: " + state),
            ErrorIds.DispatcherStopTimedOut,
            ErrorCategory.OperationTimeout,
            dispatcher));
    }

    /// <summary>The time is up: stops what runs, which has its grace, and waits no longer than that.</summary>
    /// <returns>What there was, for the error.</returns>
    private string StopTasks(Dispatcher dispatcher, PendingStop stop)
    {
        dispatcher.BeginQuit(drain: false);
        DispatcherStatistics counts = dispatcher.Statistics;
        if (dispatcher.Status == DispatcherStatus.Stopped)
        {
            return "its tasks have ended, but a worker has not. Its -CleanupScript may be stuck. It is left behind; " + counts.Pending + " stay queued.";
        }

        IReadOnlyList<DispatchTask> asked = dispatcher.RequestStopOfRunning();
        TimeSpan grace = dispatcher.StopGrace;
        Block(token => stop.Wait(grace < TimeSpan.MaxValue - s_afterGrace ? grace + s_afterGrace : grace, token));
        return asked.Count(task => task.State == TaskState.Stopped) + " running tasks were stopped, " + dispatcher.Statistics.Pending + " stay queued.";
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _progress?.Abandon();
        base.Dispose(disposing);
    }

    private bool Wait(Dispatcher dispatcher, PendingStop stop)
    {
        if (!Drain)
        {
            return Block(token => stop.WaitForAll(Timeout, token));
        }

        // The stop is asked for once. Asked for again at each update, it would drain a dispatcher that somebody has started
        // again meanwhile.
        _progress = new ProgressRelay(this);
        TaskProgress? progress = TaskProgress.Start(_progress, new DrainCount(dispatcher).Count);
        var clock = Stopwatch.StartNew();
        bool isStopped = Block(token => progress is null
            ? stop.Wait(Timeout, token)
            : progress.Wait(Timeout, slice => stop.Wait(slice, token)));
        _progress.End();
        if (isStopped)
        {
            Block(token => stop.WaitForAll(Timeout == System.Threading.Timeout.InfiniteTimeSpan ? Timeout : Left(clock), token));
        }

        return isStopped;
    }

    private TimeSpan Left(Stopwatch clock) => Timeout > clock.Elapsed ? Timeout - clock.Elapsed : TimeSpan.Zero;
}
