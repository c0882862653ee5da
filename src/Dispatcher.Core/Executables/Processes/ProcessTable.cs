using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Dispatching;

/// <summary>The processes of this machine, and signals to them.</summary>
internal static class ProcessTable
{
    internal const int Terminate = 15;
    internal const int Kill = 9;

    private const int Continue = 18;

    private static readonly byte[] s_threadSelf = Encoding.ASCII.GetBytes("/proc/thread-self\0");

    /// <summary>Whether there is a <c>/proc</c> to look into.</summary>
    internal static bool IsSupported { get; } = RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && File.Exists("/proc/self/stat");

    /// <summary>Returns the ids of the processes that a thread of this process has started and that are its children still.</summary>
    internal static List<int> ChildrenOfThread(int threadId)
    {
        var ids = new List<int>();
        string text;
        try
        {
            text = File.ReadAllText("/proc/self/task/" + threadId.ToString(CultureInfo.InvariantCulture) + "/children");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The thread has ended.
            return ids;
        }

        foreach (string word in text.Split([' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    /// <summary>
    /// Whether the calling thread may have children of its own. It costs less than a microsecond, which reading their list
    /// does not.
    /// </summary>
    internal static bool MayHaveChildren()
    {
        // WNOHANG, WEXITED, WNOWAIT and __WNOTHREAD: nothing is waited for or taken, and other threads' children do not count.
        const int Peek = 0x1 | 0x4 | 0x1000000 | 0x20000000;
        return LinuxNative.WaitId(0, 0, IntPtr.Zero, Peek) == 0 || Marshal.GetLastWin32Error() != LinuxNative.NoChild;
    }

    /// <summary>Whether a process is a PowerShell that serves a job, or an SSH client that serves a session: the engine ends those itself.</summary>
    internal static bool IsEngineServer(int id)
    {
        string[] words;
        try
        {
            words = File.ReadAllText("/proc/" + id.ToString(CultureInfo.InvariantCulture) + "/cmdline").Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        // -s is the server mode of PowerShell, and asks ssh for a subsystem. A .NET tool has dotnet as its first word.
        return Array.IndexOf(words, "-s") > 0
            && (IsNamed(words[0], "pwsh", "ssh") || (words.Length > 1 && IsNamed(words[0], "dotnet") && IsNamed(words[1], "pwsh")));
    }

    /// <summary>Returns the kernel's number of the calling thread; 0 where there is no <c>/proc</c>.</summary>
    internal static int CurrentThreadId()
    {
        if (!IsSupported)
        {
            return 0;
        }

        // The link reads "PID/task/TID". The C library's gettid is too young to be relied on.
        var target = new byte[64];
        int length = (int)LinuxNative.ReadLink(s_threadSelf, target, (IntPtr)target.Length);
        string text = Encoding.ASCII.GetString(target, 0, Math.Max(0, length));
        return int.TryParse(Path.GetFileName(text), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0;
    }

    internal static void Signal(ProcessIdentity process, int signal)
    {
        if (ProcessSnapshot.IsAlive(process))
        {
            // It may end just now; that is what the signal is for. One that is stopped hears of it when it goes on.
            _ = LinuxNative.Kill(process.Id, signal);
            if (signal != Kill)
            {
                _ = LinuxNative.Kill(process.Id, Continue);
            }
        }
    }

    /// <summary>Where there is no <c>/proc</c>: asks the root of a tree to end, if the system has a way to ask.</summary>
    internal static void TerminateWhole(int root)
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            _ = LinuxNative.Kill(root, Terminate);
            return;
        }

        OnProcess(root, process => process.CloseMainWindow());
    }

    /// <summary>Where there is no <c>/proc</c>: kills a tree by what the system has for it.</summary>
    internal static void KillWhole(int root) => OnProcess(root, KillTree);

    private static bool IsNamed(string path, params string[] names) =>
        Array.IndexOf(names, Path.GetFileNameWithoutExtension(path)) >= 0;

    private static void OnProcess(int id, Action<Process> action)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            action(process);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException or AggregateException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself, or may not be touched.
        }
    }

    private static void KillTree(Process process)
    {
#if NET
        process.Kill(entireProcessTree: true);
#else
        // This build runs on .NET too, which has a way to kill a tree that .NET Standard does not know.
        if (typeof(Process).GetMethod(nameof(Process.Kill), [typeof(bool)]) is { } kill)
        {
            kill.Invoke(process, [true]);
        }
        else
        {
            using var taskkill = Process.Start(new ProcessStartInfo("taskkill.exe", "/T /F /PID " + process.Id.ToString(CultureInfo.InvariantCulture))
            {
                UseShellExecute = false,
                CreateNoWindow = true,
            });
            taskkill?.WaitForExit();
        }
#endif
    }
}
