using System;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dispatching;

#pragma warning disable SYSLIB1054 // Source-generated P/Invoke needs unsafe code, and is not there for .NET Standard.

/// <summary>The calls of each system that append to a file.</summary>
internal static class AppendNative
{
    private const int OwnerOnly = 0x180; // 0600: tasks may work on what is nobody else's business.
    private const int FromEnd = 2;

    private const uint AppendData = 0x4;
    private const uint ReadAttributes = 0x80;
    private const uint Synchronize = 0x100000;
    private const uint ShareAll = 0x7;
    private const uint OpenExisting = 3;
    private const uint NormalFile = 0x80;

    private static readonly bool s_isWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
    private static readonly bool s_isLinux = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);

    // O_APPEND, O_CLOEXEC (the numbers of macOS in the second line), and O_NONBLOCK, so that a pipe without a reader is an error and not a wait without end.
    private static readonly int s_openFlags = s_isLinux
        ? LinuxNative.WriteOnly | LinuxNative.AppendMode | LinuxNative.CloseOnExec | LinuxNative.NonBlocking
        : LinuxNative.WriteOnly | 0x8 | 0x1000000 | 0x4;

    /// <summary>Opens a file that is there. The handle is invalid where that fails; the error is the last one of the system.</summary>
    internal static SafeFileHandle Open(string path) => s_isWindows
        ? CreateFile(path, AppendData | ReadAttributes | Synchronize, ShareAll, IntPtr.Zero, OpenExisting, NormalFile, IntPtr.Zero)
        : new SafeFileHandle((IntPtr)OpenUnix(NativeText.Terminated(path), s_openFlags), ownsHandle: true);

    /// <summary>
    /// Opens a file that was not there a moment ago, and makes it: on Unix for its owner alone, on Windows with the rights
    /// that its folder passes on. The handle is invalid where that fails; the error is the last one of the system.
    /// </summary>
    internal static SafeFileHandle Create(string path)
    {
        if (s_isLinux)
        {
            return new SafeFileHandle((IntPtr)CreateLinux(NativeText.Terminated(path), s_openFlags | LinuxNative.Create, OwnerOnly), ownsHandle: true);
        }

        // Elsewhere, a call with a varying number of parameters is made in another way than one with three.
        const FileShare ShareAllOfIt = FileShare.ReadWrite | FileShare.Delete;
#if NET
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = ShareAllOfIt };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(path, options).Dispose();
#else
        new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, ShareAllOfIt).Dispose();
        if (!s_isWindows)
        {
            _ = ChangeMode(NativeText.Terminated(path), OwnerOnly);
        }
#endif
        return Open(path);
    }

    /// <summary>The length of a file; negative for what has none, such as a pipe.</summary>
    internal static long GetLength(SafeFileHandle file)
    {
        if (s_isWindows)
        {
            return GetFileSizeEx(file, out long length) ? length : -1;
        }

        return (long)SeekUnix(file, IntPtr.Zero, FromEnd);
    }

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
            while (result < 0 && Marshal.GetLastWin32Error() == LinuxNative.Interrupted);
            return result;
        }
        finally
        {
            pin.Free();
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int CreateLinux(byte[] path, int flags, int mode);

    [DllImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static extern IntPtr SeekUnix(SafeFileHandle file, IntPtr offset, int origin);

#if !NET
    [DllImport("libc", EntryPoint = "chmod", SetLastError = true)]
    private static extern int ChangeMode(byte[] path, int mode);

#endif
    [DllImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetFileSizeEx(SafeFileHandle file, out long length);

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
