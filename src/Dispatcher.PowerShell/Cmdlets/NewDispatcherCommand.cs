using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Creates a dispatcher, not started.</summary>
[Cmdlet(VerbsCommon.New, "Dispatcher")]
[OutputType(typeof(Dispatcher))]
public sealed class NewDispatcherCommand : DispatcherCmdlet, IWorkerParameters
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
    [EnumValue(typeof(QueueFullMode))]
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

    /// <summary>Modules that each worker imports: names, paths or module objects.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public object[]? Module { get; set; }

    /// <summary>Functions of the caller that each worker gets: names, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    public string[]? Function { get; set; }

    /// <summary>Variables that each worker gets: names of the caller's, or a hashtable of names and values.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VariableCompleter))]
    public object[]? Variable { get; set; }

    /// <summary>Run once by each worker before its first script block, in the scope that the blocks share. Its output is dropped.</summary>
    [Parameter]
    [ValidateNotNull]
    [BlockArgument]
    public ScriptBlock? InitializationScript { get; set; }

    /// <summary>Run once by each worker that has run script blocks, before it ends; limited to 10 s. Its output is dropped.</summary>
    [Parameter]
    [ValidateNotNull]
    [BlockArgument]
    public ScriptBlock? CleanupScript { get; set; }

    /// <summary>Reset the worker's global variables between tasks. That costs about a millisecond a task.</summary>
    [Parameter]
    public SwitchParameter ResetState { get; set; }

    /// <summary>How many tasks a worker runs before another takes its place: 1 or more; default no limit.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxTasksPerWorker { get; set; } = int.MaxValue;

    /// <summary>
    /// A file that gets one line of JSON for each task that has ended: appended to, made where it is not there, its folders
    /// included, for its owner alone to read. Default none.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>
    /// How much the log tells of the item of a task: Name (default) its own property Name or Id, Text the whole of it, None
    /// nothing. Strings and numbers are in the log with Text alone.
    /// </summary>
    [Parameter]
    [EnumValue(typeof(LogInput))]
    public LogInput LogInput { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        CheckLogInput(LogPath);
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

        WorkerSettings settings = BuildWorkerSettings(this);
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
            MaxTasksPerWorker = MaxTasksPerWorker,
            LogPath = ResolveLogPath(LogPath),
            LogInput = LogInput,
            CreateWorkerHost = () => new RunspaceHost(settings),
            EnterEventThread = () => new HandlerRunspace(),
        };
        try
        {
            WriteObject(CreateDispatcher(options, settings.LanguageMode));
        }
        catch (InvalidOperationException e)
        {
            Terminate(e, ErrorIds.DispatcherExists, ErrorCategory.ResourceExists, Name);
        }
    }
}
