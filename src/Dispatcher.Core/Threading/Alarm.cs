namespace Dispatching;

/// <summary>One alarm of a <see cref="Clock"/>. Safe to use from any thread.</summary>
public abstract class Alarm
{
    /// <summary>
    /// Has the alarm ring once, at this timestamp or as soon after as can be. It replaces an earlier setting;
    /// <see cref="Clock.Never"/> turns the alarm off.
    /// </summary>
    public abstract void Set(long timestamp);

    /// <summary>Sets it under a lock, where no thread may be started. <see cref="Start"/> has to follow once the lock is left.</summary>
    internal virtual void Prepare(long timestamp) => Set(timestamp);

    /// <summary>Starts what a setting under a lock could not start. Does nothing where nothing is due.</summary>
    internal virtual void Start()
    {
    }
}
