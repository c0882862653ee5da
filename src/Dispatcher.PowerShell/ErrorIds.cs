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
    internal const string InvalidWorkerCount = nameof(InvalidWorkerCount);
    internal const string QueueFull = nameof(QueueFull);
    internal const string QueueFullNotRunning = nameof(QueueFullNotRunning);
    internal const string UsingNotDefined = nameof(UsingNotDefined);
    internal const string ParameterNameInvalid = nameof(ParameterNameInvalid);
    internal const string ArgumentBlockFailed = nameof(ArgumentBlockFailed);
    internal const string ExecutableNotFound = nameof(ExecutableNotFound);
    internal const string ExecutableIsScript = nameof(ExecutableIsScript);
    internal const string ExecutableNotStarted = nameof(ExecutableNotStarted);
    internal const string WorkingDirectoryNotFound = nameof(WorkingDirectoryNotFound);
    internal const string ConflictingOutput = nameof(ConflictingOutput);
    internal const string StandardErrorLine = nameof(StandardErrorLine);
    internal const string UnexpectedExitCode = nameof(UnexpectedExitCode);
    internal const string TaskFailed = nameof(TaskFailed);
    internal const string TaskTimedOut = nameof(TaskTimedOut);
    internal const string TaskNotFound = nameof(TaskNotFound);
    internal const string NoTaskNamed = nameof(NoTaskNamed);
    internal const string TasksNotEnded = nameof(TasksNotEnded);
}
