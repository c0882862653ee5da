namespace Dispatching;

/// <summary>How a running body is stopped that listens to no token.</summary>
internal interface IStopHandler
{
    /// <summary>Asks the body to end. Must not block; runs on the alarm's thread.</summary>
    void Ask();

    /// <summary>Ends what the body started, and may take a moment; runs on a thread of its own.</summary>
    void Force();

    /// <summary>The task is abandoned before <see cref="Force"/> has returned, which goes on. Must not block.</summary>
    void Abandon();
}
