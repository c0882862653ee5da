using System;
using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>What a worker needs to wait for its executables on its own thread: an event that ends the wait, and buffers.</summary>
internal sealed class ProcessWaiter : IDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly int _event;
    private readonly byte[] _one = BitConverter.GetBytes(1L);

    /// <exception cref="System.ComponentModel.Win32Exception">A limit is reached.</exception>
    internal ProcessWaiter()
    {
        _event = LinuxNative.EventFd(0, LinuxNative.CloseOnExec | LinuxNative.NonBlocking);
        if (_event < 0)
        {
            throw LinuxNative.LastError();
        }
    }

    internal byte[] Buffer { get; } = new byte[BufferSize];

    internal PollEntry[] Entries { get; } = new PollEntry[6];

    /// <summary>The file that is readable once <see cref="Wake"/> was called.</summary>
    internal int Event => _event;

    /// <summary>Ends the wait. Must not be called once it is disposed of.</summary>
    internal void Wake()
    {
        var pin = GCHandle.Alloc(_one, GCHandleType.Pinned);
        _ = LinuxNative.Write(_event, pin.AddrOfPinnedObject(), (IntPtr)_one.Length);
        pin.Free();
    }

    /// <summary>Forgets a wake-up that nobody waits for any more.</summary>
    internal void Reset() => _ = LinuxNative.Read(_event, Buffer, (IntPtr)sizeof(long));

    /// <inheritdoc/>
    public void Dispose() => _ = LinuxNative.Close(_event);
}
