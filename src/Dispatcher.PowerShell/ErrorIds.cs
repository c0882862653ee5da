namespace Dispatching.PowerShell;

/// <summary>The ids of this module's errors. Scripts test for them, so they do not change.</summary>
internal static class ErrorIds
{
    internal const string DispatcherNotFound = nameof(DispatcherNotFound);
    internal const string NoDispatcher = nameof(NoDispatcher);
    internal const string SeveralDispatchers = nameof(SeveralDispatchers);
    internal const string DispatcherExists = nameof(DispatcherExists);
    internal const string DispatcherRemoved = nameof(DispatcherRemoved);
    internal const string DispatcherNotStopped = nameof(DispatcherNotStopped);
    internal const string DispatcherNotRunning = nameof(DispatcherNotRunning);
    internal const string DispatcherStopTimedOut = nameof(DispatcherStopTimedOut);
    internal const string DrainWithForce = nameof(DrainWithForce);
    internal const string ScriptBlockIsBound = nameof(ScriptBlockIsBound);
    internal const string WorkerSettingsInvalid = nameof(WorkerSettingsInvalid);
    internal const string WorkerSetupFailed = nameof(WorkerSetupFailed);
    internal const string LanguageModeMismatch = nameof(LanguageModeMismatch);
    internal const string LogPathInvalid = nameof(LogPathInvalid);
    internal const string ParameterHasNoEffect = nameof(ParameterHasNoEffect);
    internal const string NothingToSet = nameof(NothingToSet);
    internal const string InvalidWorkerCount = nameof(InvalidWorkerCount);
    internal const string QueueFull = nameof(QueueFull);
    internal const string QueueFullNotRunning = nameof(QueueFullNotRunning);
    internal const string UsingVariableIsUndefined = nameof(UsingVariableIsUndefined);

    // The engine's own ids for what is not there: scripts may handle them already.
    internal const string FunctionNotFound = nameof(System.Management.Automation.CommandNotFoundException);
    internal const string ModuleNotFound = "Modules_ModuleNotFound";
    internal const string VariableNotFound = nameof(VariableNotFound);

    internal const string ParameterNameInvalid = nameof(ParameterNameInvalid);
    internal const string ArgumentBlockFailed = nameof(ArgumentBlockFailed);
    internal const string ArgumentInvalid = nameof(ArgumentInvalid);
    internal const string EnvironmentInvalid = nameof(EnvironmentInvalid);
    internal const string FileForSeveralItems = nameof(FileForSeveralItems);
    internal const string FileInUse = nameof(FileInUse);
    internal const string AppendNeedsFile = nameof(AppendNeedsFile);
    internal const string PathInvalid = nameof(PathInvalid);
    internal const string ProcessesLeft = nameof(ProcessesLeft);
    internal const string ExecutableNotFound = nameof(ExecutableNotFound);
    internal const string ExecutableIsScript = nameof(ExecutableIsScript);
    internal const string ExecutableNotStarted = nameof(ExecutableNotStarted);
    internal const string WorkingDirectoryNotFound = nameof(WorkingDirectoryNotFound);
    internal const string ConflictingOutput = nameof(ConflictingOutput);
    internal const string StandardErrorLine = nameof(StandardErrorLine);
    internal const string UnexpectedExitCode = nameof(UnexpectedExitCode);
    internal const string TaskFailed = nameof(TaskFailed);
    internal const string TaskWroteErrors = nameof(TaskWroteErrors);
    internal const string DependencyFailed = nameof(DependencyFailed);
    internal const string DependencyCycle = nameof(DependencyCycle);
    internal const string DispatcherHalted = nameof(DispatcherHalted);
    internal const string ConflictingParameters = nameof(ConflictingParameters);
    internal const string JournalInvalid = nameof(JournalInvalid);
    internal const string KeyInvalid = nameof(KeyInvalid);
    internal const string KeyRequired = nameof(KeyRequired);
    internal const string NoJournalEntry = nameof(NoJournalEntry);
    internal const string RetryOnInvalid = nameof(RetryOnInvalid);
    internal const string TaskTimedOut = nameof(TaskTimedOut);
    internal const string TaskNotFound = nameof(TaskNotFound);
    internal const string NoTaskNamed = nameof(NoTaskNamed);
    internal const string WorkerProcessEnded = nameof(WorkerProcessEnded);
    internal const string HostLost = nameof(HostLost);
    internal const string HostNameInvalid = nameof(HostNameInvalid);
    internal const string HostNotFound = nameof(HostNotFound);
    internal const string SessionDuplicate = nameof(SessionDuplicate);
    internal const string PingIntervalInvalid = nameof(PingIntervalInvalid);
    internal const string KeyFileNotFound = nameof(KeyFileNotFound);
    internal const string TasksNotEnded = nameof(TasksNotEnded);
}
