using System;
using System.Collections.Generic;
using System.Globalization;

namespace Dispatching;

/// <summary>The last lines of a standard error: nobody has to receive them, so they must not fill the memory. Not thread-safe.</summary>
internal sealed class StandardErrorLog
{
    // In characters; a line counts for some more than it has, since empty ones take room too.
    private const int Capacity = 8 * 1024 * 1024;
    private const int PerLine = 32;

    private readonly Queue<string> _lines = new();
    private int _size;
    private long _dropped;

    internal void Add(string line)
    {
        _lines.Enqueue(line);
        _size += line.Length + PerLine;
        while (_size > Capacity && _lines.Count > 1)
        {
            _size -= _lines.Dequeue().Length + PerLine;
            _dropped++;
        }
    }

    /// <summary>The lines; where some were dropped, the first one says how many.</summary>
    internal string[] ToArray() => _dropped == 0
        ? [.. _lines]
        : [string.Format(CultureInfo.InvariantCulture, "({0} earlier lines were dropped)", _dropped), .. _lines];

    /// <summary>The last lines, so many at most.</summary>
    internal string[] Last(int count)
    {
        string[] all = [.. _lines];
        var last = new string[Math.Min(count, all.Length)];
        Array.Copy(all, all.Length - last.Length, last, 0, last.Length);
        return last;
    }
}
