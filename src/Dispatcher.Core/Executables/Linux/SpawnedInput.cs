using System;
using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>The writing end of the standard input of a <see cref="SpawnedProcess"/>, and what is left to write.</summary>
internal sealed class SpawnedInput
{
    private readonly Descriptor _pipe;
    private readonly byte[] _bytes;
    private int _written;

    internal SpawnedInput(Descriptor pipe, byte[] bytes)
    {
        _pipe = pipe;
        _bytes = bytes;
        _ = LinuxNative.Control(pipe.Number, LinuxNative.SetStatusFlags, LinuxNative.NonBlocking);
        Write(isBroken: false);
    }

    internal int Number => _pipe.Number;

    /// <summary>Writes what the pipe has room for. One that nobody reads is no error: programs need not read what they are given.</summary>
    internal void Write(bool isBroken)
    {
        if (!isBroken && _written < _bytes.Length)
        {
            var pin = GCHandle.Alloc(_bytes, GCHandleType.Pinned);
            int count = (int)LinuxNative.Write(Number, pin.AddrOfPinnedObject() + _written, (IntPtr)(_bytes.Length - _written));
            int error = count < 0 ? Marshal.GetLastWin32Error() : 0;
            pin.Free();
            _written += Math.Max(0, count);
            isBroken = error is not (0 or LinuxNative.Interrupted or LinuxNative.TryAgain);
        }

        if (isBroken || _written == _bytes.Length)
        {
            _pipe.Dispose();
        }
    }
}
