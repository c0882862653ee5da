using System;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>Takes the standard output of a child process, and passes on the lines of the protocol that are in it.</summary>
internal sealed class ProtocolSink : IOutputSink
{
    private const int LargestKept = 256 * 1024;

    // Far beyond what the engine takes for one record, and less than an array can hold.
    private const int LongestLine = 512 * 1024 * 1024;

    private readonly Action<string> _receive;
    private readonly Action<string> _onDamaged;
    private readonly Action _onEnded;
    private byte[] _line = [];
    private int _count;

    /// <param name="receive">Gets each element of the protocol.</param>
    /// <param name="onDamaged">Told, in words to follow the name of the process, that one was not whole. None is passed on from then on.</param>
    /// <param name="onEnded">Told of the end.</param>
    internal ProtocolSink(Action<string> receive, Action<string> onDamaged, Action onEnded)
    {
        _receive = receive;
        _onDamaged = onDamaged;
        _onEnded = onEnded;
    }

    private bool IsDamaged { get; set; }

    /// <inheritdoc/>
    public void Write(byte[] buffer, int count)
    {
        int start = 0;
        while (start < count && !IsDamaged)
        {
            int end = Array.IndexOf(buffer, (byte)'\n', start, count - start);
            if (end < 0)
            {
                Keep(buffer, start, count - start);
                return;
            }

            if (_count == 0)
            {
                Take(buffer, start, end - start);
            }
            else
            {
                Keep(buffer, start, end - start);
                Take(_line, 0, _count);
                _count = 0;
                _line = _line.Length <= LargestKept ? _line : [];
            }

            start = end + 1;
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        _line = [];
        _onEnded();
    }

    private void Keep(byte[] buffer, int start, int count)
    {
        if (_line.Length - _count < count)
        {
            if (_count + count > LongestLine)
            {
                SetDamaged("wrote a line that is too long for a message of a session");
                return;
            }

            Array.Resize(ref _line, Math.Max(2 * _line.Length, _count + count));
        }

        Buffer.BlockCopy(buffer, start, _line, _count, count);
        _count += count;
    }

    private void Take(byte[] buffer, int start, int count)
    {
        string line = Encoding.UTF8.GetString(buffer, start, count);
        for (int at = 0; ProtocolLine.TryFind(line, ref at, out string? element);)
        {
            if (element is null)
            {
                SetDamaged("wrote something else into a message of the session");
                return;
            }

            _receive(element);
        }
    }

    private void SetDamaged(string how)
    {
        IsDamaged = true;
        _line = [];
        _onDamaged(how);
    }
}
