using System;
using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>The reading end of one stream of a <see cref="SpawnedProcess"/>.</summary>
internal sealed class SpawnedStream
{
    private readonly Descriptor _pipe;
    private readonly IOutputSink? _sink;

    internal SpawnedStream(Descriptor pipe, IOutputSink? sink)
    {
        _pipe = pipe;
        _sink = sink;
    }

    internal bool IsOpen => _pipe.IsOpen;

    internal int Number => _pipe.Number;

    /// <summary>Reads once. Only when there is something to read, or the stream has ended: otherwise this blocks.</summary>
    /// <param name="buffer">For what is read.</param>
    /// <param name="hasEnded">Whether nobody can write any more, so that a read that leaves room was the last.</param>
    internal void Read(byte[] buffer, bool hasEnded)
    {
        int count = (int)LinuxNative.Read(Number, buffer, (IntPtr)buffer.Length);
        if (count < 0 && Marshal.GetLastWin32Error() is LinuxNative.Interrupted or LinuxNative.TryAgain)
        {
            return;
        }

        if (count > 0)
        {
            _sink?.Write(buffer, count);
        }

        if (count <= 0 || (hasEnded && count < buffer.Length))
        {
            End();
        }
    }

    /// <summary>Reads no further.</summary>
    internal void End()
    {
        if (IsOpen)
        {
            _pipe.Dispose();
            _sink?.Complete();
        }
    }
}
