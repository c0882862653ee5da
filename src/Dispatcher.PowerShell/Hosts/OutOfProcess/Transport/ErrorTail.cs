using System;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>Keeps the last of what a process writes to its standard error. Safe to use from any thread.</summary>
internal sealed class ErrorTail : IOutputSink
{
    private const int Capacity = 4 * 1024;

    private readonly object _lock = new();
    private readonly byte[] _bytes = new byte[Capacity];
    private int _count;
    private bool _isCut;

    /// <inheritdoc/>
    public void Write(byte[] buffer, int count)
    {
        lock (_lock)
        {
            int added = Math.Min(count, Capacity);
            int kept = Math.Min(_count, Capacity - added);
            _isCut |= kept + added < _count + count;
            Buffer.BlockCopy(_bytes, _count - kept, _bytes, 0, kept);
            Buffer.BlockCopy(buffer, count - added, _bytes, kept, added);
            _count = kept + added;
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        // What was read stays.
    }

    /// <summary>Returns the text, whole lines where some had to be dropped, without white space around it.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            string text = Encoding.UTF8.GetString(_bytes, 0, _count);
            int firstLine = _isCut ? text.IndexOf('\n') + 1 : 0;
            return text.Substring(firstLine).Trim();
        }
    }
}
