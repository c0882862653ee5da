using System;
using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// What a journal has recorded, and how often each key has been sent since it was opened. Outputs stay where they are. Not
/// thread-safe.
/// </summary>
internal sealed class JournalIndex
{
    private readonly Dictionary<string, RecordedOutput> _completed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _sent = new(StringComparer.Ordinal);

    internal void Add(RecordedOutput recorded) => _completed[recorded.Id] = recorded;

    /// <summary>Which occurrence the next task of this key is.</summary>
    internal int GetNextOccurrence(string key) => _sent.TryGetValue(key, out int count) ? count + 1 : 1;

    /// <summary>A task of this key has been accepted.</summary>
    internal void SetSent(string key, int occurrence) => _sent[key] = occurrence;

    internal RecordedOutput? Find(string key, int occurrence) => _completed.TryGetValue(JournalKey.ToId(key, occurrence), out RecordedOutput? recorded) ? recorded : null;
}
