using System;
using System.Globalization;

namespace Dispatching;

/// <summary>Of what an executable has started, some processes could not be ended.</summary>
internal sealed class ProcessesLeftException : InvalidOperationException
{
    /// <summary>There was no time to count them.</summary>
    internal ProcessesLeftException()
        : base("Ending what the executable has started takes longer than its task may. Processes of it may still be running for a moment, or start new ones faster than they are found.")
    {
    }

    internal ProcessesLeftException(int count)
        : base(string.Format(
            CultureInfo.InvariantCulture,
            "{0} of the processes that the executable has started are still running: they could not be killed, or start new ones faster than they are found. End them by hand.",
            count))
    {
    }
}
