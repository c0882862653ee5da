using System;
using System.IO;
using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>
/// The writing end of the standard input of a <see cref="SpawnedProcess"/>, where that stays open. A write waits for room, and
/// ends with an error when the process does, or when this is disposed of.
/// </summary>
internal sealed class SpawnedInputStream : Stream
{
    private readonly object _lock = new();
    private readonly Descriptor _pipe;
    private readonly Descriptor _closed;
    private readonly Descriptor _closing;
    private volatile bool _isClosed;

    internal SpawnedInputStream(Descriptor pipe)
    {
        _pipe = pipe;
        Descriptor.Pipe(out _closed, out _closing);
        _ = LinuxNative.Control(pipe.Number, LinuxNative.SetStatusFlags, LinuxNative.NonBlocking);
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => !_isClosed;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">Nobody reads it any more.</exception>
    public override void Write(byte[] buffer, int offset, int count)
    {
        lock (_lock)
        {
            var pin = GCHandle.Alloc(buffer, GCHandleType.Pinned);
            try
            {
                for (int end = offset + count; offset < end;)
                {
                    offset += WriteSome(pin.AddrOfPinnedObject() + offset, end - offset);
                }
            }
            finally
            {
                pin.Free();
            }
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // There is no buffer.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed)
        {
            // Whoever waits for room leaves, and its file is closed under nobody.
            _isClosed = true;
            _closing.Dispose();
            InterruptSafe.Enter(_lock);
            _pipe.Dispose();
            _closed.Dispose();
            System.Threading.Monitor.Exit(_lock);
        }

        base.Dispose(disposing);
    }

    private int WriteSome(IntPtr bytes, int count)
    {
        if (_isClosed)
        {
            throw new IOException("The standard input of the process is closed.");
        }

        int written = (int)LinuxNative.Write(_pipe.Number, bytes, (IntPtr)count);
        int error = written < 0 ? Marshal.GetLastWin32Error() : 0;
        if (error is not (0 or LinuxNative.Interrupted or LinuxNative.TryAgain))
        {
            throw new IOException("The process does not read its standard input any more: " + new System.ComponentModel.Win32Exception(error).Message);
        }

        if (error == LinuxNative.TryAgain)
        {
            PollEntry[] entries = [new PollEntry { File = _pipe.Number, Events = LinuxNative.PollOut }, new PollEntry { File = _closed.Number, Events = LinuxNative.PollIn }];
            _ = LinuxNative.Poll(entries, (UIntPtr)entries.Length, -1);
        }

        return Math.Max(0, written);
    }
}
