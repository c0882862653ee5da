using System;
using System.Globalization;

namespace Dispatching;

/// <summary>A task was stopped before it started, since one that it depends on did not complete.</summary>
public sealed class DependencyFailedException : Exception, ILoggedException
{
    internal DependencyFailedException(DispatchTask cause)
        : base(string.Format(
            CultureInfo.InvariantCulture,
            "The task was stopped before it started: it depends on task {0} '{1}', which ended as {2}.",
            cause.Id,
            cause.Name,
            cause.State))
    {
        Cause = cause;
    }

    /// <summary>The first task that did not complete. There may be others between it and the one that was stopped.</summary>
    public DispatchTask Cause { get; }

    /// <inheritdoc/>
    string ILoggedException.LogMessage => Message;
}
