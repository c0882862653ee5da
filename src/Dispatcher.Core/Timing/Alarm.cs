namespace Dispatching;

/// <summary>One alarm of a <see cref="Clock"/>. Safe to use from any thread.</summary>
public abstract class Alarm
{
    /// <summary>
    /// Has the alarm ring once, at this timestamp or as soon after as can be. It replaces an earlier setting;
    /// <see cref="Clock.Never"/> turns the alarm off.
    /// </summary>
    public abstract void Set(long timestamp);
}
