using System;
using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>
/// Runs a script block or an executable for each item, several at a time, and writes what they write: a dispatcher for the
/// length of one pipeline.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "DispatchTask", DefaultParameterSetName = ScriptBlockSet, SupportsShouldProcess = true)]
[OutputType(typeof(PSObject), typeof(DispatchJob))]
public sealed class InvokeDispatchTaskCommand : TaskSourceCmdlet
{
    private readonly DispatcherParameters _dispatcher = new()
    {
        MinWorkers = 0,
        TaskTimeout = System.Threading.Timeout.InfiniteTimeSpan,
        HistorySize = 0,
    };

    private InvokeTarget? _target;
    private TaskFactory? _tasks;
    private ITaskRun? _run;

    /// <inheritdoc cref="DispatcherParameters.MaxWorkers"/>
    [Parameter]
    [Alias("ThrottleLimit")]
    [ValidateRange(1, int.MaxValue)]
    public int MaxWorkers { get => _dispatcher.MaxWorkers; set => _dispatcher.MaxWorkers = value; }

    /// <summary>Write the output in the order of the input, instead of as it comes.</summary>
    [Parameter]
    public SwitchParameter Ordered { get; set; }

    /// <summary>How long all tasks together may take. Then what is pending and what runs is stopped, and an error says so; default no limit.</summary>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan TotalTimeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Run the tasks one after the other in this session: for breakpoints, mocks and tests. Parameters of the pool have no effect then.</summary>
    [Parameter]
    public SwitchParameter Serial { get; set; }

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

    /// <inheritdoc cref="DispatcherParameters.Module"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public object[]? Module { get => _dispatcher.Module; set => _dispatcher.Module = value; }

    /// <inheritdoc cref="DispatcherParameters.Function"/>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    public string[]? Function { get => _dispatcher.Function; set => _dispatcher.Function = value; }

    /// <inheritdoc cref="DispatcherParameters.Variable"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VariableCompleter))]
    public object[]? Variable { get => _dispatcher.Variable; set => _dispatcher.Variable = value; }

    /// <inheritdoc cref="DispatcherParameters.InitializationScript"/>
    [Parameter]
    [ValidateNotNull]
    [BlockArgument]
    public ScriptBlock? InitializationScript { get => _dispatcher.InitializationScript; set => _dispatcher.InitializationScript = value; }

    /// <inheritdoc cref="DispatcherParameters.CleanupScript"/>
    [Parameter]
    [ValidateNotNull]
    [BlockArgument]
    public ScriptBlock? CleanupScript { get => _dispatcher.CleanupScript; set => _dispatcher.CleanupScript = value; }

    /// <inheritdoc cref="DispatcherParameters.ResetState"/>
    [Parameter]
    public SwitchParameter ResetState { get => _dispatcher.ResetState; set => _dispatcher.ResetState = value; }

    /// <inheritdoc cref="DispatcherParameters.MaxTasksPerWorker"/>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxTasksPerWorker { get => _dispatcher.MaxTasksPerWorker; set => _dispatcher.MaxTasksPerWorker = value; }

    /// <inheritdoc cref="DispatcherParameters.Isolation"/>
    [Parameter]
    [EnumValue(typeof(WorkerIsolation))]
    public WorkerIsolation Isolation { get => _dispatcher.Isolation; set => _dispatcher.Isolation = value; }

    /// <inheritdoc cref="SessionParameters.HostName"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? HostName { get => _dispatcher.Sessions.HostName; set => _dispatcher.Sessions.HostName = value; }

    /// <inheritdoc cref="SessionParameters.Session"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public PSSession[]? Session { get => _dispatcher.Sessions.Session; set => _dispatcher.Sessions.Session = value; }

    /// <inheritdoc cref="SessionParameters.UserName"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get => _dispatcher.Sessions.UserName; set => _dispatcher.Sessions.UserName = value; }

    /// <inheritdoc cref="SessionParameters.Port"/>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get => _dispatcher.Sessions.Port; set => _dispatcher.Sessions.Port = value; }

    /// <inheritdoc cref="SessionParameters.KeyFilePath"/>
    [Parameter]
    [Alias("IdentityFilePath")]
    [ValidateNotNullOrEmpty]
    public string? KeyFilePath { get => _dispatcher.Sessions.KeyFilePath; set => _dispatcher.Sessions.KeyFilePath = value; }

    /// <inheritdoc cref="SessionParameters.Subsystem"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Subsystem { get => _dispatcher.Sessions.Subsystem; set => _dispatcher.Sessions.Subsystem = value; }

    /// <inheritdoc cref="SessionParameters.SSHOption"/>
    [Parameter]
    [Alias("Options")]
    [ValidateNotNull]
    public Hashtable? SSHOption { get => _dispatcher.Sessions.SSHOption; set => _dispatcher.Sessions.SSHOption = value; }

    /// <inheritdoc cref="SessionParameters.WorkersPerHost"/>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int WorkersPerHost { get => _dispatcher.Sessions.WorkersPerHost; set => _dispatcher.Sessions.WorkersPerHost = value; }

    /// <inheritdoc cref="SessionParameters.HostFailure"/>
    [Parameter]
    [EnumValue(typeof(HostFailure))]
    public HostFailure HostFailure { get => _dispatcher.Sessions.HostFailure; set => _dispatcher.Sessions.HostFailure = value; }

    /// <inheritdoc cref="SessionParameters.PingInterval"/>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan PingInterval { get => _dispatcher.Sessions.PingInterval; set => _dispatcher.Sessions.PingInterval = value; }

    /// <inheritdoc cref="SessionParameters.Prefetch"/>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int Prefetch { get => _dispatcher.Sessions.Prefetch; set => _dispatcher.Sessions.Prefetch = value; }

    /// <inheritdoc cref="DispatcherParameters.LogPath"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get => _dispatcher.LogPath; set => _dispatcher.LogPath = value; }

    /// <inheritdoc cref="DispatcherParameters.LogInput"/>
    [Parameter]
    [EnumValue(typeof(LogInput))]
    public LogInput LogInput { get => _dispatcher.LogInput; set => _dispatcher.LogInput = value; }

    /// <inheritdoc cref="DispatcherParameters.JournalPath"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JournalPath { get => _dispatcher.JournalPath; set => _dispatcher.JournalPath = value; }

    /// <inheritdoc cref="DispatcherParameters.JournalOutput"/>
    [Parameter]
    [EnumValue(typeof(JournalOutput))]
    public JournalOutput JournalOutput { get => _dispatcher.JournalOutput; set => _dispatcher.JournalOutput = value; }

    /// <inheritdoc cref="DispatcherParameters.JournalOutputLimit"/>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long JournalOutputLimit { get => _dispatcher.JournalOutputLimit; set => _dispatcher.JournalOutputLimit = value; }

    /// <inheritdoc cref="DispatcherParameters.GroupLimit"/>
    [Parameter]
    [GroupLimit]
    public GroupLimit? GroupLimit { get => _dispatcher.GroupLimit; set => _dispatcher.GroupLimit = value; }

    /// <inheritdoc cref="DispatcherParameters.MaxFailures"/>
    [Parameter]
    [FailureLimit]
    public FailureLimit? MaxFailures { get => _dispatcher.MaxFailures; set => _dispatcher.MaxFailures = value; }

    /// <inheritdoc cref="DispatcherParameters.FailureAction"/>
    [Parameter]
    [EnumValue(typeof(FailureAction))]
    public FailureAction FailureAction { get => _dispatcher.FailureAction; set => _dispatcher.FailureAction = value; }

    /// <inheritdoc cref="DispatcherParameters.RateLimit"/>
    [Parameter]
    [Rate]
    public Rate? RateLimit { get => _dispatcher.RateLimit; set => _dispatcher.RateLimit = value; }

    /// <inheritdoc cref="DispatcherParameters.StopGrace"/>
    [Parameter]
    [Duration(DurationKind.Delay)]
    public TimeSpan StopGrace { get => _dispatcher.StopGrace; set => _dispatcher.StopGrace = value; }

    /// <inheritdoc cref="DispatcherParameters.QueueSize"/>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int QueueSize { get => _dispatcher.QueueSize; set => _dispatcher.QueueSize = value; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        CheckParameters();
        InvokeTarget.CheckParameters(this, FilePath);
        if (GroupLimit is not null && Group is null)
        {
            this.RefuseWithoutEffect("-GroupLimit says how many tasks of a group run at once, and without -Group there are no groups. Give -Group a text, or a script block that makes the group of each item, or leave out -GroupLimit.", GroupLimit);
        }

        if (IsDryRun(Serial ? "in this session" : Dispatcher is null ? "on a dispatcher of its own" : "on dispatcher '" + Dispatcher + "'", out _run))
        {
            _tasks = _run is null ? null : CreateTaskFactory(dispatcher: null);
            return;
        }

        // A job does not hold its caller up; without one, the queue holds the input back.
        _dispatcher.QueueFullMode = AsJob ? QueueFullMode.Overflow : QueueFullMode.Wait;
        SerialRun.Prepare(this, _dispatcher, Serial);
        _target = Dispatcher is null ? InvokeTarget.Create(this, _dispatcher) : InvokeTarget.Use(this, Dispatcher);
        _tasks = CreateTaskFactory(_target.Dispatcher);
        if (TotalTimeout != System.Threading.Timeout.InfiniteTimeSpan)
        {
            _target.SetTotalTimeout(TotalTimeout);
        }

        _run = AsJob
            ? new JobRun(this, _target.Dispatcher, CreateJob(_target.Own, Ordered, WithTask)) { Published = _target.HandOver }
            : new LiveRun(this, _target, Ordered, WithTask, Serial ? new SerialRunner(_target.Dispatcher, new SerialHost(ScriptBlock)) : null);
    }

    private protected override bool RunsElsewhere(Dispatcher? dispatcher) => _dispatcher.Sessions.IsRemote || base.RunsElsewhere(dispatcher);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (TryTakeItem(out object? item))
        {
            Run(item);
        }
        else
        {
            _run?.Pump();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (TryTakeRest(out object? item))
        {
            Run(item);
        }

        _run?.Complete();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _run?.Dispose();
        _target?.Dispose();
        base.Dispose(disposing);
    }

    private void Run(object? item)
    {
        if (_tasks?.Create(item) is { } task)
        {
            _run?.Add(task);
        }
    }
}
