using System;
using System.Linq;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// Keeps the first and the last of what a process writes to its standard error: a crash says in its first line why, others in
/// their last. Safe to use from any thread.
/// </summary>
internal sealed class ErrorTail : IOutputSink
{
    private const int HeadCapacity = 1024;
    private const int TailCapacity = 3 * 1024;
    private const int ShownLines = 5;
    private const string StackFrame = "   at ";

    private readonly object _lock = new();
    private readonly byte[] _head = new byte[HeadCapacity];
    private readonly byte[] _tail = new byte[TailCapacity];
    private int _headCount;
    private int _tailCount;
    private bool _isCut;

    /// <inheritdoc/>
    public void Write(byte[] buffer, int count)
    {
        lock (_lock)
        {
            int start = Math.Min(count, HeadCapacity - _headCount);
            Buffer.BlockCopy(buffer, 0, _head, _headCount, start);
            _headCount += start;

            int added = Math.Min(count - start, TailCapacity);
            int kept = Math.Min(_tailCount, TailCapacity - added);
            _isCut |= kept + added < _tailCount + count - start;
            Buffer.BlockCopy(_tail, _tailCount - kept, _tail, 0, kept);
            Buffer.BlockCopy(buffer, count - added, _tail, kept, added);
            _tailCount = kept + added;
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        // What was read stays.
    }

    /// <summary>For a message: its last lines, without the stack of a crash.</summary>
    internal string Summarize()
    {
        string[] lines = ToString().Split('\n').Where(line => !line.StartsWith(StackFrame, StringComparison.Ordinal)).Select(line => line.TrimEnd()).ToArray();
        return string.Join(Environment.NewLine, lines.Skip(lines.Length - ShownLines)).Trim();
    }

    /// <summary>Returns the text, without white space around it, and with a line of dots for what was dropped.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            byte[] all = [.. _head.Take(_headCount), .. _tail.Take(_tailCount)];
            if (!_isCut)
            {
                return Encoding.UTF8.GetString(all).Trim();
            }

            string head = Encoding.UTF8.GetString(_head, 0, _headCount);
            string tail = Encoding.UTF8.GetString(_tail, 0, _tailCount);
            return (head.Substring(0, head.LastIndexOf('\n') + 1) + "...\n" + tail.Substring(tail.IndexOf('\n') + 1)).Trim();
        }
    }
}
