namespace Dispatching;

/// <summary>Follows one task. Called outside of all locks, on the thread that made the change; must not block.</summary>
internal interface ITaskListener
{
    /// <summary>
    /// Whether it is called for each record. Otherwise, only for the first after all were taken: whoever takes them takes
    /// all that are there.
    /// </summary>
    bool WantsEachRecord { get; }

    /// <summary>Whether it needs to hear nothing any more, and may be forgotten.</summary>
    bool IsOver { get; }

    void OnRecord(DispatchTask task);

    void OnEnded(DispatchTask task);
}
