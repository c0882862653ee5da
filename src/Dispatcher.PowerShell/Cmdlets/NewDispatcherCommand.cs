using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>Creates a dispatcher, not started.</summary>
[Cmdlet(VerbsCommon.New, "Dispatcher")]
[OutputType(typeof(Dispatcher))]
public sealed class NewDispatcherCommand : DispatcherCmdlet
{
    /// <summary>Its name, by which other cmdlets find it. Default: "Dispatcher" and a number.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>How many workers are kept when there is nothing to do: 0 or more, default 1.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MinWorkers { get; set; } = 1;

    /// <summary>How many workers there are at most: 1 or more, default the processor count but at least 5.</summary>
    [Parameter]
    [Alias("ThrottleLimit")]
    [ValidateRange(1, int.MaxValue)]
    public int MaxWorkers { get; set; } = Dispatcher.DefaultMaxWorkers;

    /// <summary>How many tasks the queue holds: 1 or more, default 1000.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int QueueSize { get; set; } = Dispatcher.DefaultMaxBufferedTasks;

    /// <summary>What becomes of tasks sent while the queue is full: Wait (default), Overflow or Reject.</summary>
    [Parameter]
    public QueueFullMode QueueFullMode { get; set; } = QueueFullMode.Wait;

    /// <summary>The limit of tasks that set none; default 10 s.</summary>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan TaskTimeout { get; set; } = Dispatcher.DefaultTaskTimeout;

    /// <summary>How long a task may take to end when asked to, before force is used; default 2 s.</summary>
    [Parameter]
    [Duration(DurationKind.Delay)]
    public TimeSpan StopGrace { get; set; } = Dispatcher.DefaultStopGrace;

    /// <summary>How long a worker must be idle before the pool halves; default 300 s.</summary>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan ScaleDownInterval { get; set; } = Dispatcher.DefaultWaitBetweenScaleDowns;

    /// <summary>How many ended tasks Get-DispatchTask remembers: 0 or more, default 1000.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int HistorySize { get; set; } = Dispatcher.DefaultHistorySize;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        int min = MinWorkers;
        if (MaxWorkers < min)
        {
            if (MyInvocation.BoundParameters.ContainsKey(nameof(MaxWorkers)))
            {
                Terminate(
                    new PSArgumentException("MaxWorkers is " + MaxWorkers + " and must be at least MinWorkers, which is " + min + "."),
                    ErrorIds.InvalidWorkerCount,
                    ErrorCategory.InvalidArgument,
                    MaxWorkers);
            }

            MaxWorkers = min;
        }

        PSLanguageMode languageMode = SessionState.LanguageMode;
        var options = new DispatcherOptions
        {
            Name = Name,
            MinWorkers = min,
            MaxWorkers = MaxWorkers,
            MaxBufferedTasks = QueueSize,
            QueueFullMode = QueueFullMode,
            TaskTimeout = TaskTimeout,
            StopGrace = StopGrace,
            ScaleDownInterval = ScaleDownInterval,
            HistorySize = HistorySize,
            CreateWorkerHost = () => new RunspaceHost(languageMode),
        };
        try
        {
            WriteObject(SessionDispatchers.Create(options, Runspace.DefaultRunspace, languageMode));
        }
        catch (InvalidOperationException e)
        {
            Terminate(e, ErrorIds.DispatcherExists, ErrorCategory.ResourceExists, Name);
        }
    }
}
