using System;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Dispatching;

#pragma warning disable SYSLIB1054 // Source-generated P/Invoke needs unsafe code, and is not there for .NET Standard.

/// <summary>The calls of each system that append to a file.</summary>
internal static class AppendNative
{
    private const int WriteOnly = 0x1;
    private const int Interrupted = 4;

    private const uint AppendData = 0x4;
    private const uint ReadAttributes = 0x80;
    private const uint Synchronize = 0x100000;
    private const uint ShareAll = 0x7;
    private const uint OpenExisting = 3;
    private const uint NormalFile = 0x80;

    private static readonly bool s_isWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    // O_APPEND, O_CLOEXEC, and O_NONBLOCK, so that a pipe without a reader is an error and not a wait without end.
    private static readonly int s_openFlags = RuntimeInformation.IsOSPlatform(OSPlatform.Linux)
        ? WriteOnly | 0x400 | 0x80000 | 0x800
        : WriteOnly | 0x8 | 0x1000000 | 0x4;

    /// <summary>Opens a file that is there. The handle is invalid where that fails; the error is the last one of the system.</summary>
    internal static SafeFileHandle Open(string path) => s_isWindows
        ? CreateFile(path, AppendData | ReadAttributes | Synchronize, ShareAll, IntPtr.Zero, OpenExisting, NormalFile, IntPtr.Zero)
        : new SafeFileHandle((IntPtr)OpenUnix(Encoding.UTF8.GetBytes(path + "\0"), s_openFlags), ownsHandle: true);

    /// <summary>Writes from a place on to the end of the buffer, or less.</summary>
    /// <returns>How many bytes; negative after an error, which is the last one of the system.</returns>
    internal static int Write(SafeFileHandle file, byte[] buffer, int start)
    {
        var pin = GCHandle.Alloc(buffer, GCHandleType.Pinned);
        try
        {
            IntPtr from = pin.AddrOfPinnedObject() + start;
            if (s_isWindows)
            {
                return WriteFile(file, from, buffer.Length - start, out int written, IntPtr.Zero) ? written : -1;
            }

            int result;
            do
            {
                result = (int)WriteUnix(file, from, (IntPtr)(buffer.Length - start));
            }
            while (result < 0 && Marshal.GetLastWin32Error() == Interrupted);
            return result;
        }
        finally
        {
            pin.Free();
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int OpenUnix(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern IntPtr WriteUnix(SafeFileHandle file, IntPtr buffer, IntPtr count);

    [DllImport("kernel32.dll", EntryPoint = "CreateFileW", CharSet = CharSet.Unicode, ExactSpelling = true, SetLastError = true)]
    private static extern SafeFileHandle CreateFile(string path, uint access, uint share, IntPtr security, uint disposition, uint flags, IntPtr template);

    [DllImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool WriteFile(SafeFileHandle file, IntPtr buffer, int count, out int written, IntPtr overlapped);
}
