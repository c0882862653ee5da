using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// Runs a script block or an executable for each item, several at a time, and writes what they write: a dispatcher for the
/// length of one pipeline.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "DispatchTask", DefaultParameterSetName = ScriptBlockSet)]
[OutputType(typeof(PSObject), typeof(DispatchJob))]
public sealed class InvokeDispatchTaskCommand : TaskSourceCmdlet, IWorkerParameters
{
    private static readonly string[] s_ownSettings =
    [
        nameof(MaxWorkers), nameof(Module), nameof(Function), nameof(Variable), nameof(InitializationScript), nameof(CleanupScript),
        nameof(ResetState), nameof(MaxTasksPerWorker), nameof(LogPath), nameof(LogInput),
    ];

    // What makes the runspace of a worker; an executable runs in none.
    private static readonly string[] s_blockSettings =
        [nameof(Module), nameof(Function), nameof(Variable), nameof(InitializationScript), nameof(CleanupScript), nameof(ResetState), nameof(MaxTasksPerWorker)];

    private Dispatcher? _dispatcher;
    private CmdletRecordSink? _sink;
    private TaskStream? _stream;
    private bool _isDone;
    private DispatchJob? _job;
    private bool _isOwn;
    private int _most;
    private bool _isHandedOver;

    /// <summary>How many run at the same time at most: 1 or more, default the processor count but at least 5.</summary>
    [Parameter]
    [Alias("ThrottleLimit")]
    [ValidateRange(1, int.MaxValue)]
    public int MaxWorkers { get; set; } = Dispatching.Dispatcher.DefaultMaxWorkers;

    /// <summary>Write the output in the order of the input, instead of as it comes.</summary>
    [Parameter]
    public SwitchParameter Ordered { get; set; }

    /// <summary>Give each output object a property DispatchTask that names its task.</summary>
    [Parameter]
    public SwitchParameter WithTask { get; set; }

    /// <summary>Return a job at once, instead of waiting for the output.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>Run on this dispatcher, or the one of this name, which goes on afterwards. Left out: one of its own.</summary>
    [Parameter]
    [ValidateNotNull]
    [DispatcherArgument]
    [ArgumentCompleter(typeof(DispatcherNameCompleter))]
    public DispatcherReference? Dispatcher { get; set; }

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
    protected override void BeginProcessing()
    {
        CheckRetry();
        CheckBlockSettings();
        _dispatcher = Dispatcher is null ? CreateOwn() : ResolveRunning(Dispatcher);
        PrepareTasks(_dispatcher);
        if (AsJob)
        {
            _job = new DispatchJob(JobCommand, Name?.Text, _isOwn ? _dispatcher : null, Ordered, WithTask);
            return;
        }

        _sink = new CmdletRecordSink(this, WithTask) { EndsOnSetupFailure = _isOwn };
        _stream = new TaskStream(_sink, Block, Ordered, keep: false);
        _stream.ShowProgress(_sink.StartProgress);
        _stream.ShowNotices(this);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_dispatcher is not { } dispatcher || CreateTask(InputObject) is not { } task)
        {
            return;
        }

        if (_stream is { } stream)
        {
            Run(dispatcher, stream, task);
        }
        else if (TrySend(dispatcher, task))
        {
            _job?.Add(task);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_job is { } job)
        {
            _job = null;
            _isHandedOver = true;
            job.CompleteAdding();
            JobRepository.Add(job);
            WriteObject(job);
            return;
        }

        _stream?.CompleteAdding();
        _stream?.Pump(System.Threading.Timeout.InfiniteTimeSpan);
        _isDone = true;
        _sink?.End();
        if (_isOwn && _dispatcher is { } own)
        {
            Block(token => own.Quit(drain: true, System.Threading.Timeout.InfiniteTimeSpan, token));
            WarnOfLog(own);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_isOwn && !_isDone)
        {
            // Stopped before its end, and nobody else waits for these tasks.
            Array.ForEach(_stream?.Running ?? [], task => task.Stop());
        }

        _stream?.Dispose();
        _sink?.Abandon();

        // Still here only when the pipeline was stopped before its end: nobody has seen the job. Its
        // tasks may be stuck, and the prompt does not wait for them.
        _job?.RequestStop();
        if (_isOwn && !_isHandedOver && _dispatcher is { } own)
        {
            SessionDispatchers.Remove(own);
        }

        base.Dispose(disposing);
    }

    private void Run(Dispatcher dispatcher, TaskStream stream, DispatchTask task)
    {
        // While there is no room, what the tasks write is written: this thread has nothing else to do. In order, those
        // held back for an earlier one count as well, or a slow task would let them pile up behind it.
        int most = _isOwn && _most > 0 ? _most : _most = (int)Math.Min(int.MaxValue, (long)dispatcher.MaxBufferedTasks + dispatcher.MaxWorkers);
        if (_isOwn)
        {
            stream.Add(task);
            while ((stream.OpenCount > most || !dispatcher.TryDispatch(task)) && stream.PumpNext(System.Threading.Timeout.InfiniteTimeSpan))
            {
            }
        }
        else
        {
            while (stream.OpenCount >= most && stream.PumpNext(System.Threading.Timeout.InfiniteTimeSpan))
            {
            }

            if (TrySend(dispatcher, task))
            {
                stream.Add(task);
            }
        }

        stream.Pump();
    }

    private void CheckBlockSettings()
    {
        string[] unused = FilePath is null ? [] : Array.FindAll(s_blockSettings, name => IsBound(name) && (name is not nameof(ResetState) || ResetState));
        if (unused.Length > 0)
        {
            RefuseWithoutEffect(
                "-" + string.Join(", -", unused) + (unused.Length == 1 ? " sets" : " set") + " up the runspace that a script block runs in, and -FilePath runs a program, which has none. Leave out -" + string.Join(", -", unused)
                    + ", or start the program from a script block: { & '" + FilePath?.Replace("'", "''") + "' }.",
                MyInvocation.BoundParameters[unused[0]]);
        }
    }

    private Dispatcher ResolveRunning(DispatcherReference reference)
    {
        string[] unused = Array.FindAll(s_ownSettings, IsBound);
        if (unused.Length > 0)
        {
            Terminate(
                new PSArgumentException("-Dispatcher names a dispatcher that is set up already. Leave out -" + string.Join(", -", unused) + ", or give New-Dispatcher what they say; or leave out -Dispatcher, for one of its own."),
                ErrorIds.WorkerSettingsInvalid,
                ErrorCategory.InvalidArgument,
                target: null);
        }

        Dispatcher dispatcher = Resolve(reference);
        if (dispatcher.IsDisposed)
        {
            ThrowTerminatingError(Removed(dispatcher));
        }

        if (dispatcher.Status is DispatcherStatus.Stopped or DispatcherStatus.Stopping)
        {
            Terminate(
                new InvalidOperationException("Dispatcher '" + dispatcher.Name + "' is " + dispatcher.Status + ", so the tasks would never run. Start it first with Start-Dispatcher."),
                ErrorIds.DispatcherNotRunning,
                ErrorCategory.InvalidOperation,
                dispatcher);
        }

        return dispatcher;
    }

    private Dispatcher CreateOwn()
    {
        CheckLogInput(LogPath);
        WorkerSettings settings = BuildWorkerSettings(this);
        var options = new DispatcherOptions
        {
            MinWorkers = 0,
            MaxWorkers = MaxWorkers,
            TaskTimeout = System.Threading.Timeout.InfiniteTimeSpan,
            HistorySize = 0,

            // A job does not hold its caller up; without one, the queue holds the input back.
            QueueFullMode = AsJob ? QueueFullMode.Overflow : QueueFullMode.Wait,
            MaxTasksPerWorker = MaxTasksPerWorker,
            LogPath = ResolveLogPath(LogPath),
            LogInput = LogInput,
            CreateWorkerHost = () => new RunspaceHost(settings),
        };
        Dispatcher own = CreateDispatcher(options, settings.LanguageMode, isHidden: true);
        _isOwn = true;
        own.Run();
        return own;
    }
}
