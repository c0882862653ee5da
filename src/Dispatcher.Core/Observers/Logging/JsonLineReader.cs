using System;
using System.Text;

namespace Dispatching;

/// <summary>
/// Reads what <see cref="JsonLine"/> has written: one flat object, without white space. The only reader for JSON that .NET
/// Standard has goes through XML.
/// </summary>
internal struct JsonLineReader
{
    private readonly string _text;
    private int _next;

    internal JsonLineReader(string text)
    {
        _text = text;
        _next = text.Length > 0 && text[0] == '{' ? 0 : text.Length + 1;
    }

    /// <summary>Whether the whole object has been read.</summary>
    internal readonly bool IsAtEnd => _next == _text.Length - 1 && _text[_next] == '}';

    /// <summary>Reads the name of the next property, and the colon.</summary>
    internal bool TryReadName(out string name)
    {
        name = string.Empty;
        if (_next >= _text.Length || _text[_next] is not ('{' or ','))
        {
            return false;
        }

        _next++;
        if (!TryReadString(out string? read) || _next >= _text.Length || _text[_next] != ':')
        {
            return false;
        }

        _next++;
        name = read!; // It has returned true.
        return true;
    }

    /// <summary>Reads the value of a property: its text, or that of a number; <see langword="null"/> for null.</summary>
    internal bool TryReadValue(out string? value)
    {
        value = null;
        if (_next < _text.Length && _text[_next] == '"')
        {
            return TryReadString(out value);
        }

        int end = _text.IndexOfAny([',', '}'], Math.Min(_next, _text.Length));
        if (end <= _next)
        {
            return false;
        }

        string literal = _text.Substring(_next, end - _next);
        _next = end;
        value = string.Equals(literal, "null", StringComparison.Ordinal) ? null : literal;
        return true;
    }

    private bool TryReadString(out string? value)
    {
        value = null;
        if (_next >= _text.Length || _text[_next] != '"')
        {
            return false;
        }

        int start = ++_next;
        int end = _text.IndexOfAny(['"', '\\'], start);
        if (end < 0)
        {
            return false;
        }

        if (_text[end] == '"')
        {
            value = _text.Substring(start, end - start);
            _next = end + 1;
            return true;
        }

        var text = new StringBuilder(_text, start, end - start, Math.Max(16, 2 * (end - start)));
        _next = end;
        return TryReadEscaped(text, out value);
    }

    private bool TryReadEscaped(StringBuilder text, out string? value)
    {
        value = null;
        while (_next < _text.Length)
        {
            char c = _text[_next++];
            if (c == '"')
            {
                value = text.ToString();
                return true;
            }

            if (c != '\\')
            {
                int end = _text.IndexOfAny(['"', '\\'], _next);
                end = end < 0 ? _text.Length : end;
                text.Append(_text, _next - 1, end - _next + 1);
                _next = end;
            }
            else if (!TryReadEscape(text))
            {
                return false;
            }
        }

        return false;
    }

    private bool TryReadCode(out char code)
    {
        int value = 0;
        int end = _next + 4;
        for (; _next < end && _next < _text.Length && Uri.IsHexDigit(_text[_next]); _next++)
        {
            value = (value * 16) + Uri.FromHex(_text[_next]);
        }

        code = (char)value;
        return _next == end;
    }

    private bool TryReadEscape(StringBuilder text)
    {
        if (_next >= _text.Length)
        {
            return false;
        }

        char c = _text[_next++];
        switch (c)
        {
            case 'n':
                text.Append('\n');
                return true;
            case 'r':
                text.Append('\r');
                return true;
            case 't':
                text.Append('\t');
                return true;
            case '"' or '\\' or '/':
                text.Append(c);
                return true;
            case 'u' when TryReadCode(out char code):
                text.Append(code);
                return true;
            default:
                return false;
        }
    }
}
