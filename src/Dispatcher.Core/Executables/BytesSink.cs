using System;
using System.IO;

namespace Dispatching;

/// <summary>Hands on all bytes in one piece, untouched.</summary>
#pragma warning disable CA1001 // Completing it is the end of it.
internal sealed class BytesSink : IOutputSink
{
    private readonly Action<byte[]> _onBytes;
    private readonly MemoryStream _bytes = new();

    internal BytesSink(Action<byte[]> onBytes) => _onBytes = onBytes;

    public void Write(byte[] buffer, int count) => _bytes.Write(buffer, 0, count);

    public void Complete()
    {
        _onBytes(_bytes.ToArray());
        _bytes.Dispose();
    }
}
