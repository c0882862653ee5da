using System;
using System.IO;

namespace Dispatching;

/// <summary>Hands on all bytes in one piece, untouched.</summary>
#pragma warning disable CA1001 // Completing it is the end of it.
internal sealed class BytesSink : IOutputSink
{
    private readonly Action<byte[]> _onBytes;
    private readonly Action _onLarge;
    private readonly MemoryStream _bytes = new();

    internal BytesSink(Action<byte[]> onBytes, Action onLarge)
    {
        _onBytes = onBytes;
        _onLarge = onLarge;
    }

    public void Write(byte[] buffer, int count)
    {
        bool wasLarge = _bytes.Length > DispatchTask.LargeText;
        _bytes.Write(buffer, 0, count);
        if (!wasLarge && _bytes.Length > DispatchTask.LargeText)
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
