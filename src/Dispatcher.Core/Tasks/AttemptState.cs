namespace Dispatching;

/// <summary>Where an attempt is in its life. It only ever goes on: from running to its end, by way of a stop or not.</summary>
internal enum AttemptState
{
    /// <summary>Its body runs, and nobody has asked it to stop.</summary>
    Running = 0,

    /// <summary>Its body has returned.</summary>
    Ended = 1,

    /// <summary>It was asked to stop at its timeout, and has its grace to do so.</summary>
    TimingOut = 2,

    /// <summary>It was asked to stop on request, and has its grace to do so.</summary>
    Stopping = 3,

    /// <summary>It did not stop in time. Its runner no longer belongs to the scheduler, and its thread is interrupted.</summary>
    Abandoned = 4,
}
