using System;
using System.IO;

namespace Dispatching.PowerShell;

/// <summary>Drops what can no longer be written, for a writer that flushes when it is disposed of. See <see cref="QuietWriter"/>.</summary>
internal sealed class QuietStream : Stream
{
    private readonly Stream _stream;

    internal QuietStream(Stream stream) => _stream = stream;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Flush() => Quietly(_stream.Flush);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Quietly(() => _stream.Write(buffer, offset, count));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Quietly(_stream.Dispose);
        }

        base.Dispose(disposing);
    }

    /// <summary>Writes, unless nobody reads any more.</summary>
    internal static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Nobody reads any more, which is noticed elsewhere.
        }
    }
}
