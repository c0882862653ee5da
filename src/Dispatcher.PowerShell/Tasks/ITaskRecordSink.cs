namespace Dispatching.PowerShell;

/// <summary>Where the records of tasks go: the streams of a cmdlet, or of a job.</summary>
internal interface ITaskRecordSink
{
    void Write(DispatchTask task, TaskRecord record);
}
