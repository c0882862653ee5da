namespace Dispatching.PowerShell;

/// <summary>What kind of error ended a task at an agent, where the other end has an exception of its own for it.</summary>
internal enum WireCause
{
    Other = 0,

    /// <summary>The worker could not be set up.</summary>
    Setup = 1,

    /// <summary>The block called exit.</summary>
    Exit = 2,

    /// <summary>The block wrote an error, and that was to be a failure.</summary>
    WroteErrors = 3,

    /// <summary>The program could not be started.</summary>
    NotStarted = 4,

    /// <summary>The program has ended with an exit code that is no success.</summary>
    Program = 5,
}
