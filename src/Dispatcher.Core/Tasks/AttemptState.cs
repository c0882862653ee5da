namespace Dispatching;

/// <summary>Who has the say over an attempt.</summary>
internal enum AttemptState
{
    /// <summary>Its body, which runs.</summary>
    Running = 0,

    /// <summary>Nobody any more: the body has returned.</summary>
    Ended = 1,

    /// <summary>It was asked to stop at its limit, and has its grace to do so.</summary>
    TimingOut = 2,

    /// <summary>It was asked to stop on request, and has its grace to do so.</summary>
    Stopping = 3,

    /// <summary>It did not stop in time. Its worker was given up, and its thread was interrupted.</summary>
    Abandoned = 4,
}
