using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The session that created a dispatcher.</summary>
internal sealed class DispatcherHome
{
    private DispatcherHaltedException? _toldReason;

    internal DispatcherHome(Guid sessionId, PSLanguageMode languageMode, bool isHidden)
    {
        IsHidden = isHidden;
        SessionId = sessionId;
        LanguageMode = languageMode;
    }

    internal Guid SessionId { get; }

    /// <summary>Whether it belongs to one cmdlet, and ends with it.</summary>
    internal bool IsHidden { get; }

    /// <summary>Whether somebody has yet to be told of this halt. The first who asks tells.</summary>
    internal bool TryTell(DispatcherHaltedException reason) => !ReferenceEquals(System.Threading.Interlocked.Exchange(ref _toldReason, reason), reason);

    /// <summary>Whether errors that script blocks write are failures, where the cmdlet that sends them does not say.</summary>
    internal bool FailOnError { get; set; }

    /// <summary>How far its workers are kept apart.</summary>
    internal WorkerIsolation Isolation { get; set; }

    /// <summary>The hosts that run its tasks; <see langword="null"/> where this machine does.</summary>
    internal SessionPool? Sessions { get; set; }

    /// <summary>Whether it runs the tasks of another process, which has a dispatcher of its own for them.</summary>
    internal bool IsAgent { get; set; }

    /// <summary>The language mode of its workers.</summary>
    internal PSLanguageMode LanguageMode { get; }
}
