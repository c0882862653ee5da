namespace Dispatching;

/// <summary>
/// A body that runs only inside the host of its worker (see <see cref="DispatcherOptions.CreateWorkerHost"/>), which it
/// finds in <see cref="TaskContext.Host"/>. To stop it, the dispatcher asks that host.
/// </summary>
public interface IHostedDispatchable : IDispatchable
{
}
