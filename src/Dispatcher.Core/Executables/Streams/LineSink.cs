using System;
using System.Text;

namespace Dispatching;

/// <summary>Hands on lines as they come. They end with LF, CR LF or CR; what follows the last end is a line if there is any.</summary>
internal sealed class LineSink : TextSink
{
    // A program may write without end and without a line end; the string of that would take all memory.
    private const int LongestLine = 64 * 1024 * 1024;

    private readonly Action<string> _onLine;
    private readonly StringBuilder _rest = new();
    private bool _endedWithReturn;

    internal LineSink(Encoding encoding, Action<string> onLine)
        : base(encoding) => _onLine = onLine;

    private protected override void OnText(char[] text, int start, int end)
    {
        int lineStart = start;
        for (int i = start; i < end; i++)
        {
            char c = text[i];
            if (c == '\n' && _endedWithReturn && i == lineStart)
            {
                // The second half of a line end whose first half ended the line.
                lineStart = i + 1;
            }
            else if (c is '\n' or '\r')
            {
                EndLine(text, lineStart, i);
                lineStart = i + 1;
            }

            _endedWithReturn = c == '\r';
        }

        _rest.Append(text, lineStart, end - lineStart);
        if (_rest.Length >= LongestLine)
        {
            EndLine(text, end, end);
        }
    }

    private protected override void OnEnd()
    {
        if (_rest.Length > 0)
        {
            EndLine([], 0, 0);
        }
    }

    private void EndLine(char[] text, int start, int end)
    {
        if (_rest.Length == 0)
        {
            _onLine(new string(text, start, end - start));
            return;
        }

        _rest.Append(text, start, end - start);
        string line = _rest.ToString();
        _rest.Clear();
        _onLine(line);
    }
}
