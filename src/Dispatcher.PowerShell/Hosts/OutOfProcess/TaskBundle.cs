using System;
using System.Collections.Generic;

namespace Dispatching.PowerShell;

/// <summary>
/// Tasks that go to an agent in one message: many objects cost the engine much more than one. Script blocks for small values.
/// Not thread-safe.
/// </summary>
internal sealed class TaskBundle
{
    private const int MaxCount = 64;
    private const int MaxTextLength = 16 * 1024;

    private readonly List<object?> _message = [];
    private long _script;
    private int _textLength;

    internal bool IsEmpty => _message.Count == 0;

    /// <summary>Whether a task can be in one.</summary>
    internal static bool CanHold(DispatchTask task) =>
        task.Body is ScriptBlockTask && PlainValue.Of(task.InputObject) is null or bool or char or int or long or double or decimal or Guid or string { Length: <= MaxTextLength };

    /// <summary>Adds a task.</summary>
    /// <returns><see langword="false"/> when it is full, or of another script.</returns>
    internal bool TryAdd(long script, long id, object? item)
    {
        int length = (PlainValue.Of(item) as string)?.Length ?? 0;
        if (_message.Count == 0)
        {
            _message.Add(WireTag.Tasks);
            _message.Add(script);
            _script = script;
            _textLength = 0;
        }
        else if (_script != script || _message.Count >= 2 * MaxCount || _textLength + length > MaxTextLength)
        {
            return false;
        }

        _message.Add(id);
        _message.Add(item);
        _textLength += length;
        return true;
    }

    /// <summary>Takes all out.</summary>
    /// <returns>The message; <see langword="null"/> if there is none.</returns>
    internal object?[]? Take()
    {
        if (_message.Count == 0)
        {
            return null;
        }

        object?[] message = [.. _message];
        _message.Clear();
        return message;
    }
}
