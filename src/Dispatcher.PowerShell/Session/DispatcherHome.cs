using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Where a dispatcher was made.</summary>
internal sealed class DispatcherHome
{
    internal DispatcherHome(Guid sessionId, PSLanguageMode languageMode, bool isHidden)
    {
        IsHidden = isHidden;
        SessionId = sessionId;
        LanguageMode = languageMode;
    }

    internal Guid SessionId { get; }

    /// <summary>Whether it belongs to one cmdlet, for as long as that runs.</summary>
    internal bool IsHidden { get; }

    /// <summary>The language mode of its workers.</summary>
    internal PSLanguageMode LanguageMode { get; }
}
