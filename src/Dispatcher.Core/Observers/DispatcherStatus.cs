namespace Dispatching;

/// <summary>What a dispatcher does at the moment.</summary>
public enum DispatcherStatus
{
    /// <summary>No worker; what is sent stays queued. The next status is <see cref="Running"/>.</summary>
    Stopped = 0,

    /// <summary>Running tasks finish, queued ones stay queued. The next status is <see cref="Stopped"/>.</summary>
    Stopping = 1,

    /// <summary>Workers run what is queued.</summary>
    Running = 2,

    /// <summary>
    /// As <see cref="Running"/>, until nothing is queued, running or waiting for a retry. The next status is
    /// <see cref="Stopped"/>, or <see cref="Stopping"/> when the drain is broken off.
    /// </summary>
    Draining = 3,
}
