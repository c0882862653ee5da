using System;
using System.Collections.Generic;

namespace Dispatching.PowerShell;

/// <summary>
/// The script blocks that an agent has been sent, so that each goes over once for all tasks that run it. The agent keeps a
/// bounded number of them. Safe to use from any thread.
/// </summary>
internal sealed class SentScripts
{
    /// <summary>How many an agent keeps.</summary>
    internal const int Capacity = 64;

    private readonly object _lock = new();
    private readonly Dictionary<ScriptInvocation, long> _ids = [];
    private readonly Queue<ScriptInvocation> _order = new();
    private readonly WireValues _values;
    private readonly bool _hasLocation;
    private long _lastId;

    internal SentScripts(WireValues values, bool hasLocation)
    {
        _values = values;
        _hasLocation = hasLocation;
    }

    /// <summary>Whether the agent has a script.</summary>
    internal bool IsSent(ScriptInvocation script)
    {
        lock (_lock)
        {
            return _ids.ContainsKey(script);
        }
    }

    /// <summary>Sends a script, unless the agent has it, and returns the id by which it knows it.</summary>
    internal long Send(ScriptInvocation script, Action<object?[]> send)
    {
        // Held while it is sent: a task that names it must not overtake it.
        lock (_lock)
        {
            if (_ids.TryGetValue(script, out long known))
            {
                return known;
            }

            long id = ++_lastId;
            send([WireTag.Script, id, .. WireScript.Encode(script, _values, _hasLocation)]);
            _ids.Add(script, id);
            _order.Enqueue(script);
            if (_order.Count > Capacity)
            {
                ScriptInvocation oldest = _order.Dequeue();
                send([WireTag.Forget, _ids[oldest]]);
                _ids.Remove(oldest);
            }

            return id;
        }
    }
}
