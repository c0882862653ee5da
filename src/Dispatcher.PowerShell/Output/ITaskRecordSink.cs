using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Where the records of tasks go, by stream: those of a cmdlet, or of a job. <see cref="TaskRecords.Write"/> sorts them.</summary>
internal interface ITaskRecordSink
{
    void WriteOutput(DispatchTask task, object? value);

    /// <param name="task">The task.</param>
    /// <param name="error">What the task wrote, or was ended by, as it is.</param>
    void WriteError(DispatchTask task, object error);

    void WriteWarning(WarningRecord warning);

    void WriteVerbose(VerboseRecord verbose);

    void WriteDebug(DebugRecord debug);

    void WriteInformation(InformationRecord information);

    void WriteProgress(DispatchTask task, ProgressRecord progress);

    /// <summary>A task has ended, and all of its records were written.</summary>
    void End(DispatchTask task);
}
