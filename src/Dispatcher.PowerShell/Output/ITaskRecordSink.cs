namespace Dispatching.PowerShell;

/// <summary>Where the records of tasks go: the streams of a cmdlet, or of a job.</summary>
internal interface ITaskRecordSink
{
    void Write(DispatchTask task, TaskRecord record);

    /// <summary>A task has ended, and all of its records were written.</summary>
    void End(DispatchTask task);
}
