using System;
using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>Creates a dispatcher, not started.</summary>
[Cmdlet(VerbsCommon.New, "Dispatcher")]
[OutputType(typeof(Dispatcher))]
public sealed class NewDispatcherCommand : DispatcherCmdlet
{
    private readonly DispatcherParameters _dispatcher = new();

    /// <inheritdoc cref="DispatcherParameters.Name"/>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get => _dispatcher.Name; set => _dispatcher.Name = value; }

    /// <inheritdoc cref="DispatcherParameters.MinWorkers"/>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MinWorkers { get => _dispatcher.MinWorkers; set => _dispatcher.MinWorkers = value; }

    /// <inheritdoc cref="DispatcherParameters.MaxWorkers"/>
    [Parameter]
    [Alias("ThrottleLimit")]
    [ValidateRange(1, int.MaxValue)]
    public int MaxWorkers { get => _dispatcher.MaxWorkers; set => _dispatcher.MaxWorkers = value; }

    /// <inheritdoc cref="DispatcherParameters.QueueSize"/>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int QueueSize { get => _dispatcher.QueueSize; set => _dispatcher.QueueSize = value; }

    /// <inheritdoc cref="DispatcherParameters.QueueFullMode"/>
    [Parameter]
    [EnumValue(typeof(QueueFullMode))]
    public QueueFullMode QueueFullMode { get => _dispatcher.QueueFullMode; set => _dispatcher.QueueFullMode = value; }

    /// <inheritdoc cref="DispatcherParameters.TaskTimeout"/>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan TaskTimeout { get => _dispatcher.TaskTimeout; set => _dispatcher.TaskTimeout = value; }

    /// <inheritdoc cref="DispatcherParameters.StopGrace"/>
    [Parameter]
    [Duration(DurationKind.Delay)]
    public TimeSpan StopGrace { get => _dispatcher.StopGrace; set => _dispatcher.StopGrace = value; }

    /// <inheritdoc cref="DispatcherParameters.ScaleDownInterval"/>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan ScaleDownInterval { get => _dispatcher.ScaleDownInterval; set => _dispatcher.ScaleDownInterval = value; }

    /// <inheritdoc cref="DispatcherParameters.HistorySize"/>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int HistorySize { get => _dispatcher.HistorySize; set => _dispatcher.HistorySize = value; }

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

    /// <inheritdoc cref="DispatcherParameters.FailOnError"/>
    [Parameter]
    public SwitchParameter FailOnError { get => _dispatcher.FailOnError; set => _dispatcher.FailOnError = value; }

    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(_dispatcher.Create(this));
}
