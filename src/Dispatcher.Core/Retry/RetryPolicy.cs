using System;

namespace Dispatching;

/// <summary>Whether a task whose attempt has ended has another one, and how long it waits for that. Pure rules; no state.</summary>
internal static class RetryPolicy
{
    /// <summary>Decides over an attempt that an error, or its timeout, has just ended.</summary>
    /// <param name="task">The task.</param>
    /// <param name="delay">How long to wait before the next attempt.</param>
    /// <returns>Whether there is one.</returns>
    internal static bool TryGetDelay(DispatchTask task, out TimeSpan delay)
    {
        delay = task.Options.RetryDelay;
        return !task.IsLastAttempt && task.Attempt <= task.Options.Retries;
    }
}
