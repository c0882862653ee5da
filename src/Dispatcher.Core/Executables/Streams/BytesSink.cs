using System;
using System.IO;

namespace Dispatching;

/// <summary>Hands on all bytes in one piece, untouched.</summary>
#pragma warning disable CA1001 // Completing it is the end of it.
internal sealed class BytesSink : IOutputSink
{
    // What an array can hold at most.
    private const int LongestArray = 0x7FFFFFC7;

    private readonly Action<byte[]> _onBytes;
    private readonly Action _onLarge;
    private readonly int _longest;
    private readonly MemoryStream _bytes = new();

    internal BytesSink(Action<byte[]> onBytes, Action onLarge, int longest = LongestArray)
    {
        _onBytes = onBytes;
        _onLarge = onLarge;
        _longest = longest;
    }

    public void Write(byte[] buffer, int count)
    {
        if (_bytes.Length > _longest - count)
        {
            throw new IOException("The output is longer than an array of bytes can be (2 GB). Write it to a file instead, with -OutputFile.");
        }

        bool wasLarge = _bytes.Length > TaskOutput.LargeText;
        _bytes.Write(buffer, 0, count);
        if (!wasLarge && _bytes.Length > TaskOutput.LargeText)
        {
            _onLarge();
        }
    }

    public void Complete()
    {
        _onBytes(_bytes.ToArray());
        _bytes.Dispose();
    }
}
