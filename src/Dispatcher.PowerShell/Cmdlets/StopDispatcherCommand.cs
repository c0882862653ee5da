using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Stops a dispatcher, and waits until it has stopped.</summary>
[Cmdlet(VerbsLifecycle.Stop, "Dispatcher", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(Dispatcher))]
public sealed class StopDispatcherCommand : DispatcherTargetCmdlet
{
    private ProgressRelay? _progress;

    /// <summary>Finish everything first: what is queued, what runs, what waits for a retry, and what is sent meanwhile.</summary>
    [Parameter]
    public SwitchParameter Drain { get; set; }

    /// <summary>
    /// How long to wait at most; default as long as it takes. When it runs out, what runs is stopped, what is queued is
    /// kept, and an error tells how many there are of each.
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
        }

        if (PassThru)
        {
            WriteObject(dispatcher);
        }
    }

    private void Stop(Dispatcher dispatcher)
    {
        if (Force)
        {
            dispatcher.Quit(drain: false, TimeSpan.Zero);
            dispatcher.StopRunningTasks();
        }

        // From inside one of its own tasks the stop is under way when this returns, and the task has to end for it.
        if (Wait(dispatcher) || ReferenceEquals(Dispatcher.Current, dispatcher))
        {
            return;
        }

        dispatcher.Quit(drain: false, TimeSpan.Zero);
        IReadOnlyList<DispatchTask> asked = dispatcher.RequestStopOfRunning();
        Block(token => dispatcher.Quit(drain: false, System.Threading.Timeout.InfiniteTimeSpan, token));
        WriteError(new ErrorRecord(
            new TimeoutException("Dispatcher '" + dispatcher.Name + "' did not stop within " + Timeout.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)
                + " s: " + asked.Count(task => task.State == TaskState.Stopped) + " running tasks were stopped, " + dispatcher.Statistics.Pending + " stay queued."),
            ErrorIds.DispatcherStopTimedOut,
            ErrorCategory.OperationTimeout,
            dispatcher));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _progress?.Abandon();
        base.Dispose(disposing);
    }

    private bool Wait(Dispatcher dispatcher)
    {
        if (!Drain)
        {
            return Block(token => dispatcher.Quit(drain: false, Timeout, token));
        }

        _progress = new ProgressRelay(this);
        TaskProgress? progress = TaskProgress.Start(_progress, new DrainCount(dispatcher).Count);
        bool isStopped = Block(token => progress is null
            ? dispatcher.Quit(drain: true, Timeout, token)
            : progress.Wait(Timeout, slice => dispatcher.Quit(drain: true, slice, token))
                && dispatcher.Quit(drain: true, Timeout, token)); // Once more, with more time than a slice for the log.
        _progress.End();
        return isStopped;
    }
}
