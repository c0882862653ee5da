using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Dispatching;

#pragma warning disable SYSLIB1054 // Source-generated P/Invoke needs unsafe code, and is not there for .NET Standard.

/// <summary>Calls of the C library, with the numbers that Linux has for them on the architectures that .NET runs on.</summary>
internal static class LinuxNative
{
    internal const int ReadOnly = 0;
    internal const int WriteOnly = 0x1;
    internal const int Create = 0x40;
    internal const int Truncate = 0x200;
    internal const int AppendMode = 0x400;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;
    internal const int ReadableAndWritableByAll = 0x1B6; // 0666, from which the umask takes.
    internal const int SetStatusFlags = 4;

    internal const short PollIn = 0x1;
    internal const short PollOut = 0x4;

    internal const int Interrupted = 4;
    internal const int NoChild = 10;
    internal const int TryAgain = 11;

    internal const short SpawnSetSignalDefaults = 0x04;
    internal const short SpawnSetSignalMask = 0x08;
    internal const short SpawnSetSession = 0x80;

    internal const int BrokenPipeSignal = 13;

    private const int PidFdOpenCall = 434;
    private const int Executable = 1;

    internal static Win32Exception LastError() => new(Marshal.GetLastWin32Error());

    internal static int OpenPidFd(int process) => (int)Call(PidFdOpenCall, process, 0);

    /// <summary>Reads into what is left of a buffer behind what is there already.</summary>
    internal static long ReadAt(int file, byte[] buffer, int start)
    {
        var pin = GCHandle.Alloc(buffer, GCHandleType.Pinned);
        try
        {
            return (long)Read(file, pin.AddrOfPinnedObject() + start, (IntPtr)(buffer.Length - start));
        }
        finally
        {
            pin.Free();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    internal static extern int Kill(int process, int signal);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    internal static extern int Open(byte[] path, int flags, int mode);

    /// <summary>Whether this process may run a file; on macOS, too.</summary>
    internal static bool IsExecutable(string path) => Access(NativeText.Terminated(path), Executable) == 0;

    [DllImport("libc", EntryPoint = "close")]
    internal static extern int Close(int file);

    /// <summary>Makes a descriptor another name of a file; on macOS, too.</summary>
    [DllImport("libc", EntryPoint = "dup2", SetLastError = true)]
    internal static extern int Duplicate(int file, int newFile);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static extern IntPtr Read(int file, byte[] buffer, IntPtr count);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static extern IntPtr Read(int file, IntPtr buffer, IntPtr count);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static extern IntPtr Write(int file, IntPtr buffer, IntPtr count);

    [DllImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    internal static extern int Pipe([Out] int[] ends, int flags);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static extern int Control(int file, int command, int argument);

    [DllImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static extern int EventFd(uint value, int flags);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static extern int Poll([In, Out] PollEntry[] entries, UIntPtr count, int milliseconds);

    [DllImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    internal static extern int WaitPid(int process, out int status, int options);

    [DllImport("libc", EntryPoint = "waitid", SetLastError = true)]
    internal static extern int WaitId(int kind, int id, IntPtr information, int options);

    [DllImport("libc", EntryPoint = "readlink")]
    internal static extern IntPtr ReadLink(byte[] path, byte[] target, IntPtr size);

    [DllImport("libc", EntryPoint = "posix_spawn")]
    internal static extern int Spawn(out int process, byte[] path, byte[] actions, byte[] attributes, IntPtr[] arguments, IntPtr[] environment);

    [DllImport("libc", EntryPoint = "posix_spawnp")]
    internal static extern int SpawnFromPath(out int process, byte[] name, byte[] actions, byte[] attributes, IntPtr[] arguments, IntPtr[] environment);

    [DllImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    internal static extern int InitActions(byte[] actions);

    [DllImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static extern int DestroyActions(byte[] actions);

    [DllImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static extern int AddDuplicate(byte[] actions, int file, int newFile);

    [DllImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    internal static extern int AddChangeFolder(byte[] actions, byte[] path);

    [DllImport("libc", EntryPoint = "posix_spawnattr_init")]
    internal static extern int InitAttributes(byte[] attributes);

    [DllImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    internal static extern int SetFlags(byte[] attributes, short flags);

    [DllImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static extern int SetSignalDefaults(byte[] attributes, byte[] signals);

    [DllImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    internal static extern int SetSignalMask(byte[] attributes, byte[] signals);

    [DllImport("libc", EntryPoint = "sigemptyset")]
    internal static extern int EmptySignals(byte[] signals);

    [DllImport("libc", EntryPoint = "sigaddset")]
    internal static extern int AddSignal(byte[] signals, int signal);

    [DllImport("libc", EntryPoint = "access")]
    private static extern int Access(byte[] path, int mode);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern IntPtr Call(IntPtr number, IntPtr first, IntPtr second);

    private static IntPtr Call(int number, int first, int second) => Call((IntPtr)number, (IntPtr)first, (IntPtr)second);
}
