namespace Dispatching;

/// <summary>Takes what an executable writes to one of its streams. Called by one thread at a time.</summary>
internal interface IOutputSink
{
    void Write(byte[] buffer, int count);

    /// <summary>The stream has ended, or is not read any further.</summary>
    void Complete();
}
