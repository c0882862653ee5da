namespace Dispatching;

/// <summary>What a journal keeps of the output of a task that has completed.</summary>
public enum JournalOutput
{
    /// <summary>All of it, up to <see cref="DispatcherOptions.JournalOutputLimit"/> for each task.</summary>
    Full = 0,

    /// <summary>Nothing.</summary>
    None = 1,
}
