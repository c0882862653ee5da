using System;

namespace Dispatching;

/// <summary>Says which failed attempts are worth another. Has to be safe to use from several threads at once.</summary>
public interface IRetryRule
{
    /// <summary>Whether an attempt that timed out is tried again.</summary>
    bool RetriesTimeouts { get; }

    /// <summary>
    /// Judges the error of an attempt after which another is possible. Called on the thread of the attempt, as its last part: within its
    /// timeout, and under no lock. What it throws becomes the error of the task, which is not tried again.
    /// </summary>
    /// <param name="error">What ended the attempt.</param>
    /// <param name="leastDelay">How long to wait at least, as a server asks for; zero where nothing does. More than <see cref="TaskOptions.RetryMaxDelay"/> is no retry.</param>
    /// <returns>Whether to try again.</returns>
    bool ShouldRetry(Exception error, out TimeSpan leastDelay);
}
