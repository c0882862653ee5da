using System;
using System.Globalization;
using System.Text;

namespace Dispatching;

/// <summary>
/// Writes one JSON object, flat and on one line. .NET Standard has no JSON writer of its own but the one behind
/// DataContractJsonSerializer, which wants an XML writer for every line, and writes lone surrogates that strict readers
/// refuse. A flat object of text, numbers and dates needs no more than this.
/// </summary>
internal readonly struct JsonLine
{
    private readonly StringBuilder _target;

    /// <summary>Begins the object.</summary>
    internal JsonLine(StringBuilder target)
    {
        _target = target;
        target.Append('{');
    }

    /// <summary>Ends the object and the line.</summary>
    internal void End()
    {
        _target.Length--; // The comma after the last value.
        _target.Append("}\n");
    }

    internal void Add(string name, string? value)
    {
        AddName(name);
        if (value is null)
        {
            _target.Append("null,");
            return;
        }

        _target.Append('"');
        AppendEscaped(value);
        _target.Append("\",");
    }

    internal void Add(string name, long? value)
    {
        AddName(name);
        _target.Append(value is { } number ? number.ToString(CultureInfo.InvariantCulture) : "null").Append(',');
    }

    /// <summary>A duration, in seconds.</summary>
    internal void Add(string name, bool value)
    {
        AddName(name);
        _target.Append(value ? "true," : "false,");
    }

    internal void Add(string name, TimeSpan? value)
    {
        AddName(name);
        _target.Append(value is { } duration ? ((decimal)duration.Ticks / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) : "null").Append(',');
    }

    /// <summary>A date and time, in the form of ISO 8601 that can be read back without loss.</summary>
    internal void Add(string name, DateTimeOffset? value) => Add(name, value?.ToString("o", CultureInfo.InvariantCulture));

    private void AddName(string name) => _target.Append('"').Append(name).Append("\":");

    private void AppendEscaped(string value)
    {
        int plain = 0;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            bool isPair = char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]);
            if (isPair)
            {
                i++;
            }
            else if (NeedsEscape(c))
            {
                _target.Append(value, plain, i - plain);
                AppendEscape(c);
                plain = i + 1;
            }
        }

        _target.Append(value, plain, value.Length - plain);
    }

    // Of those above the control characters, some are ends of lines to some readers: a log is read line by line.
    private static bool NeedsEscape(char c) => c is < ' ' or '"' or '\\' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029' || char.IsSurrogate(c);

    private void AppendEscape(char c)
    {
        switch (c)
        {
            case '"' or '\\':
                _target.Append('\\').Append(c);
                break;
            case '\n':
                _target.Append("\\n");
                break;
            case '\r':
                _target.Append("\\r");
                break;
            case '\t':
                _target.Append("\\t");
                break;
            default:
                // Half of a surrogate pair is no character: it is replaced by the sign for that.
                _target.Append("\\u").Append((char.IsSurrogate(c) ? 0xFFFD : c).ToString("x4", CultureInfo.InvariantCulture));
                break;
        }
    }
}
