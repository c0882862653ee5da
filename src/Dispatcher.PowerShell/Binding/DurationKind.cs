namespace Dispatching.PowerShell;

/// <summary>What 0 and -1 mean as a duration.</summary>
public enum DurationKind
{
    /// <summary>A timeout, or an interval: 0, -1 and Infinite are none.</summary>
    Limit = 0,

    /// <summary>A delay: 0 is none, and infinite is an error.</summary>
    Delay = 1,

    /// <summary>How long to wait: 0 is not at all, -1 and Infinite as long as it takes.</summary>
    Wait = 2,
}
