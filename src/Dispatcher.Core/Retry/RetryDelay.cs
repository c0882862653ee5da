using System;

namespace Dispatching;

/// <summary>How long a task waits for its next attempt. Pure arithmetic: the randomness is given to it.</summary>
internal static class RetryDelay
{
    /// <summary>The wait after an attempt.</summary>
    /// <param name="options">The settings of the task.</param>
    /// <param name="attempt">Which attempt has ended, from 1.</param>
    /// <param name="random">0 or more, and less than 1: what the jitter is drawn with.</param>
    internal static TimeSpan After(TaskOptions options, int attempt, double random)
    {
        if (options.RetryDelay == TimeSpan.Zero)
        {
            return TimeSpan.Zero; // Times infinity, it would be no number.
        }

        double ticks = options.RetryDelay.Ticks * GetFactor(options.RetryBackoff, attempt);
        ticks = Math.Min(ticks, options.RetryMaxDelay?.Ticks ?? double.MaxValue);
        if (options.RetryJitter)
        {
            ticks *= 0.5 + (random / 2);
        }

        return ticks >= TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : TimeSpan.FromTicks((long)ticks);
    }

    private static double GetFactor(RetryBackoff backoff, int attempt) => backoff switch
    {
        RetryBackoff.Linear => attempt,
        RetryBackoff.Exponential => Math.Pow(2, attempt - 1),
        _ => 1,
    };
}
