namespace Dispatching;

/// <summary>The host of a worker that has several tasks of it on the way: it claims them by <see cref="IClaimingLoop"/>.</summary>
internal interface IClaimingHost : IWorkerHost
{
    /// <summary>Asks for a claimed task back that has not started. Called under no lock, on any thread; does not block.</summary>
    void Recall(DispatchTask task);
}
