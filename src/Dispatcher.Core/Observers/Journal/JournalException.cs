using System;

namespace Dispatching;

/// <summary>A journal cannot be used, read or written. The message says why, and what to do.</summary>
public sealed class JournalException : Exception, ILoggedException
{
    internal JournalException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <inheritdoc/>
    string ILoggedException.LogMessage => Message;
}
