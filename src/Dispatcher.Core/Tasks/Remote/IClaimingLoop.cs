namespace Dispatching;

/// <summary>The part of a worker that a host calls back which has several tasks on the way.</summary>
internal interface IClaimingLoop : IWorkerLoop
{
    /// <summary>
    /// How it claims tasks beside the one that it is given. It may complete that one, too: the body returns once all of them have
    /// ended or were returned.
    /// </summary>
    ITaskClaims Claims { get; }
}
