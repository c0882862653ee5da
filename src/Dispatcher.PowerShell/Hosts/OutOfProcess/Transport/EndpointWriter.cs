using System;
using System.IO;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// Writes lines to the standard input of a child process, each at once. What nobody reads any more is dropped: the engine writes on
/// threads where an exception would end this process. Safe to use from any thread.
/// </summary>
internal sealed class EndpointWriter : TextWriter
{
    private const int LargestKept = 256 * 1024;

    private readonly object _lock = new();
    private readonly Stream _stream;
    private readonly Action _onBroken;
    private byte[] _buffer = new byte[4 * 1024];
    private bool _isBroken;

    /// <param name="stream">Where it goes.</param>
    /// <param name="onBroken">Called once, when the stream takes no more.</param>
    internal EndpointWriter(Stream stream, Action onBroken)
        : base(System.Globalization.CultureInfo.InvariantCulture)
    {
        _stream = stream;
        _onBroken = onBroken;
    }

    /// <inheritdoc/>
    public override Encoding Encoding => TextEncoding.Utf8;

    /// <inheritdoc/>
    public override void Write(char value) => Send(value.ToString(), lineEnd: string.Empty);

    /// <inheritdoc/>
    public override void Write(string? value) => Send(value, lineEnd: string.Empty);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Send(new string(buffer, index, count), lineEnd: string.Empty);

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Send(value, lineEnd: "\n");

    private void Send(string? text, string lineEnd)
    {
        bool breaks;
        lock (_lock)
        {
            breaks = !_isBroken && !TrySend(text ?? string.Empty, lineEnd);
            _isBroken |= breaks;
        }

        if (breaks)
        {
            _onBroken();
        }
    }

    private bool TrySend(string text, string lineEnd)
    {
        try
        {
            int size = Encoding.GetMaxByteCount(text.Length + lineEnd.Length);
            byte[] buffer = _buffer.Length >= size ? _buffer : new byte[size];
            _buffer = buffer.Length <= LargestKept ? buffer : _buffer;
            int count = Encoding.GetBytes(text, 0, text.Length, buffer, 0);
            count += Encoding.GetBytes(lineEnd, 0, lineEnd.Length, buffer, count);
            _stream.Write(buffer, 0, count);
            _stream.Flush();
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OutOfMemoryException)
        {
            return false;
        }
    }
}
