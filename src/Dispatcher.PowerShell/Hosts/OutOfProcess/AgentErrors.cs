using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The errors that ended tasks at an agent, as exceptions here.</summary>
internal static class AgentErrors
{
    /// <param name="end">How the task has ended.</param>
    /// <param name="record">The error that ended it there, if there was one.</param>
    internal static Exception? ToException(WireEnd end, ErrorRecord? record) => end.State switch
    {
        TaskState.Completed => null,
        TaskState.Stopped => new InvalidOperationException("The task was stopped in the process that ran it."),
        _ => end.Cause switch
        {
            WireCause.Exit when end.ExitCode is { } code => new ScriptExitException(code),
            WireCause.Setup when record is not null => new WorkerSetupException(record.Exception.Message, ToRuntime(record)),
            _ when record is not null => ToRuntime(record),
            _ => new InvalidOperationException("The task failed, and its error could not be sent."),
        },
    };

    private static RuntimeException ToRuntime(ErrorRecord record) => new(record.Exception.Message, record.Exception, record);
}
