using System;

namespace Dispatching.PowerShell;

/// <summary>
/// What an agent says, in the order in which it said it. Called on a thread of the engine, never by two at once, save for
/// <see cref="OnLost"/>; must not block for long.
/// </summary>
internal interface IAgentListener
{
    /// <summary>It is ready for tasks, in the process with this id.</summary>
    void OnReady(int processId);

    /// <summary>A task has started.</summary>
    void OnStarted(long id);

    /// <summary>A task has written something.</summary>
    void OnRecord(long id, RecordKind kind, object? value);

    /// <summary>A task has ended; all that it wrote was passed on before. The exception is what ended it.</summary>
    void OnEnded(WireEnd end, Exception? error);

    /// <summary>A task was given back, and has not started.</summary>
    void OnRecalled(long id);

    /// <summary>The answer to a ping.</summary>
    void OnPong();

    /// <summary>The session is over. Called once, on any thread; nothing else is called after it has been.</summary>
    void OnLost(string reason);
}
