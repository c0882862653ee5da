using System;

namespace Dispatching;

/// <summary>Whether a task whose attempt has ended has another one, and how long it waits for that. Pure rules; no state.</summary>
internal static class RetryPolicy
{
    /// <summary>Has the rule of a task judge the error of an attempt, on the thread of that. Called once, under no lock.</summary>
    /// <returns>The error that counts: that of the rule, if it has failed.</returns>
    internal static Exception Judge(TaskContext attempt, Exception error)
    {
        DispatchTask task = attempt.Task;
        if (task.Options.RetryRule is not { } rule || attempt.Verdict is not null || task.CountedAttempt > task.Options.Retries)
        {
            return error;
        }

        try
        {
            bool isRetried = rule.ShouldRetry(error, out TimeSpan leastDelay);
            attempt.Verdict = new RetryVerdict(isRetried && leastDelay <= (task.Options.RetryMaxDelay ?? TimeSpan.MaxValue), leastDelay);
            return error;
        }
        catch (Exception e)
        {
            attempt.Verdict = new RetryVerdict(IsRetried: false, TimeSpan.Zero);
            return e;
        }
    }

    /// <summary>Whether there is another attempt after one that has ended so, unless the dispatcher ends.</summary>
    internal static bool IsWorthRetry(TaskContext attempt, TaskState state)
    {
        DispatchTask task = attempt.Task;
        return state != TaskState.Stopped && !task.IsLastAttempt && task.CountedAttempt <= task.Options.Retries && (state == TaskState.TimedOut
            ? task.Options.RetryRule?.RetriesTimeouts != false
            : attempt.Verdict?.IsRetried != false);
    }

    /// <summary>Decides over an attempt that an error, or its timeout, has just ended.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="state">How it ended.</param>
    /// <param name="random">What jitter is drawn with: see <see cref="RetryDelay.After"/>.</param>
    /// <param name="delay">How long to wait before the next attempt.</param>
    /// <returns>Whether there is one.</returns>
    internal static bool TryGetDelay(TaskContext attempt, TaskState state, Func<double> random, out TimeSpan delay)
    {
        DispatchTask task = attempt.Task;
        delay = TimeSpan.Zero;
        if (!IsWorthRetry(attempt, state))
        {
            return false;
        }

        delay = RetryDelay.After(task.Options, task.CountedAttempt, task.Options.RetryJitter ? random() : 0);
        if (attempt.Verdict is { } verdict && verdict.LeastDelay > delay)
        {
            delay = verdict.LeastDelay;
        }

        return true;
    }
}
