namespace Dispatching.PowerShell;

/// <summary>What becomes of the tasks that run on a host when it is lost.</summary>
public enum HostFailure
{
    /// <summary>They run again, on any host, at most twice each. Pending tasks wait for a host.</summary>
    Requeue = 0,

    /// <summary>They fail. When no host is left, pending tasks are stopped.</summary>
    Fail = 1,
}
