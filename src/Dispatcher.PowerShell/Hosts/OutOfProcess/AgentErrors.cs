using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The errors that ended tasks at an agent, as exceptions here.</summary>
internal static class AgentErrors
{
    /// <param name="end">How the task has ended.</param>
    /// <param name="record">The error that ended it there, if there was one.</param>
    /// <param name="fault">What rules for retries ask of it.</param>
    internal static Exception? ToException(WireEnd end, ErrorRecord? record, WireFault? fault) => end.State switch
    {
        TaskState.Completed => null,
        TaskState.Stopped => new InvalidOperationException("The task was stopped in the process that ran it."),
        _ => end.Cause switch
        {
            WireCause.Exit when end.ExitCode is { } code => new ScriptExitException(code),
            _ when record is null => new InvalidOperationException("The task failed, and its error could not be sent."),
            WireCause.Setup => new WorkerSetupException(record.Exception.Message, new RemoteTaskException(record, fault)),
            WireCause.WroteErrors => new TaskErrorsException(record),
            WireCause.Program when end.ExitCode is { } code => new ExecutableException(record.Exception.Message, ExecutableName(record), new ExitStatus(code, Signal: null), []),
            WireCause.NotStarted => new ExecutableException(record.Exception.Message, ExecutableName(record)),
            _ => new RemoteTaskException(record, fault),
        },
    };

    // Of the property bag that the exception has become.
    private static string ExecutableName(ErrorRecord record) =>
        (record.Exception as RemoteException)?.SerializedRemoteException?.Properties[nameof(ExecutableException.FilePath)]?.Value as string ?? string.Empty;
}
