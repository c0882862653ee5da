namespace Dispatching;

/// <summary>Follows one task. Called outside of all locks, on the thread that made the change; must not block.</summary>
internal interface ITaskListener
{
    void OnRecord(DispatchTask task);

    void OnEnded(DispatchTask task);
}
