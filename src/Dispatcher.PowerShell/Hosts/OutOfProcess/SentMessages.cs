using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// Lets go of the messages that the agent has read: the engine's collection keeps all that was ever added to it. Safe to use
/// from any thread.
/// </summary>
internal sealed class SentMessages
{
    private readonly object _lock = new();
    private readonly PSDataCollection<object?> _input;
    private readonly Queue<(long Id, int Start)> _starts = new();
    private int _released;

    internal SentMessages(PSDataCollection<object?> input) => _input = input;

    /// <summary>A task is about to be sent. Its id is higher than those before.</summary>
    internal void Note(long id)
    {
        lock (_lock)
        {
            _starts.Enqueue((id, _input.Count));
        }
    }

    /// <summary>The agent has started a task: all that was added before it was read.</summary>
    internal void Release(long id)
    {
        int end = 0;
        lock (_lock)
        {
            while (_starts.Count > 0 && _starts.Peek().Id <= id)
            {
                end = _starts.Dequeue().Start;
            }
        }

        try
        {
            for (; _released < end; _released++)
            {
                _input[_released] = null;
            }
        }
        catch (ArgumentOutOfRangeException)
        {
            // The session is over, and its input was cleared.
        }
    }
}
