namespace Dispatching;

/// <summary>What a dispatcher does when it halts.</summary>
public enum FailureAction
{
    /// <summary>Pending tasks end as stopped; what runs goes on.</summary>
    StopPending = 0,

    /// <summary>Pending tasks and running ones end as stopped.</summary>
    StopAll = 1,
}
