using System;

namespace Dispatching.PowerShell;

/// <summary>What all sessions of a dispatcher have in common. Immutable.</summary>
internal sealed class SessionSettings
{
    /// <summary>The settings of the workers there.</summary>
    internal WorkerSettings Workers { get; init; } = new();

    internal int MaxTasksPerWorker { get; init; } = int.MaxValue;

    /// <summary>How many tasks a host runs at once.</summary>
    internal int WorkersPerHost { get; init; } = 1;

    /// <summary>How many tasks a session has for each of its workers at most, the running one included.</summary>
    internal int Prefetch { get; init; } = 2;

    internal HostFailure HostFailure { get; init; }

    /// <summary>How often each end hears of the other. After three intervals without, the session is lost.</summary>
    internal TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);
}
