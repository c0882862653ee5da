namespace Dispatching;

/// <summary>What a task asks of those it depends on.</summary>
public enum DependencyMode
{
    /// <summary>They all complete. Where one ends otherwise, the task is stopped.</summary>
    Completed = 0,

    /// <summary>They all end, in whatever state.</summary>
    Ended = 1,
}
