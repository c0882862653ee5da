using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace Dispatching;

/// <summary>The processes of this machine, as <c>/proc</c> shows them, and signals to them.</summary>
internal static class ProcessTable
{
    internal const int Terminate = 15;
    internal const int Kill = 9;

    // Fields of /proc/PID/stat behind the name, which is in parentheses and may hold anything (proc(5)).
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int StartTimeField = 19;

    private const int FewIds = 100;

    private static readonly byte[] s_nothing = [];
    private static readonly byte[] s_threadSelf = Encoding.ASCII.GetBytes("/proc/thread-self\0");
    private static readonly int s_ownId = GetOwnId();

    /// <summary>Whether there is a <c>/proc</c> to look into.</summary>
    internal static bool IsSupported { get; } = RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && File.Exists("/proc/self/stat");

    /// <summary>
    /// Finds the living processes that are one of these roots, were seen before, carry the marker in their environment,
    /// or descend from one of those.
    /// </summary>
    /// <param name="roots">Ids of children of this process.</param>
    /// <param name="marker">The name of a variable; <see langword="null"/> for none.</param>
    /// <param name="seen">Processes known from earlier looks.</param>
    /// <param name="among">The ids to look at; all there are where <see langword="null"/>.</param>
    internal static List<ProcessIdentity> FindTree(
        ICollection<int> roots, string? marker, ICollection<ProcessIdentity> seen, IEnumerable<int>? among = null)
    {
        byte[]? mark = marker is null ? null : Encoding.ASCII.GetBytes(marker + "=");
        var children = new Dictionary<int, List<ProcessIdentity>>();
        var found = new HashSet<ProcessIdentity>();
        var open = new Stack<ProcessIdentity>();
        foreach (int id in among ?? AllIds())
        {
            if (id == s_ownId || !TryRead(id, out ProcessIdentity process, out int parent))
            {
                continue;
            }

            if (!children.TryGetValue(parent, out List<ProcessIdentity>? siblings))
            {
                children.Add(parent, siblings = []);
            }

            siblings.Add(process);
            if (roots.Contains(id) || seen.Contains(process) || (mark is not null && Contains(ReadAll("/proc/" + id + "/environ"), mark)))
            {
                open.Push(process);
            }
        }

        while (open.Count > 0)
        {
            ProcessIdentity process = open.Pop();
            if (found.Add(process) && children.TryGetValue(process.Id, out List<ProcessIdentity>? own))
            {
                own.ForEach(open.Push);
            }
        }

        return [.. found];
    }

    /// <summary>
    /// Returns the ids that were given out after this one, where they are few; <see langword="null"/> where only a look
    /// at all processes tells. The kernel gives ids out in ascending order until it starts over, and names the last one
    /// at the end of <c>/proc/loadavg</c> (proc(5)).
    /// </summary>
    internal static IEnumerable<int>? IdsAfter(int id)
    {
        string text = Encoding.ASCII.GetString(ReadAll("/proc/loadavg"));
        return int.TryParse(text.Substring(text.LastIndexOf(' ') + 1).TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            && last >= id
            && last - id <= FewIds
                ? Enumerable.Range(id + 1, last - id)
                : null;
    }

    /// <summary>Tells a process that runs from others that have had or will have its id.</summary>
    internal static bool TryIdentify(int id, out ProcessIdentity process) => TryRead(id, out process, out _);

    /// <summary>Returns the ids of the processes that a thread of this process has started and that are its children still.</summary>
    internal static List<int> ChildrenOfThread(int threadId)
    {
        var ids = new List<int>();
        string text = Encoding.ASCII.GetString(ReadAll("/proc/self/task/" + threadId.ToString(CultureInfo.InvariantCulture) + "/children"));
        foreach (string word in text.Split([' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                ids.Add(id);
            }
        }

        return ids;
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
        int length = (int)ReadLink(s_threadSelf, target, (IntPtr)target.Length);
        string text = Encoding.ASCII.GetString(target, 0, Math.Max(0, length));
        return int.TryParse(Path.GetFileName(text), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0;
    }

    internal static void Signal(ProcessIdentity process, int signal)
    {
        if (TryRead(process.Id, out ProcessIdentity current, out _) && current == process)
        {
            // It may end just now; that is what the signal is for.
            _ = SendSignal(process.Id, signal);
        }
    }

    /// <summary>Where there is no <c>/proc</c>: asks the root of a tree to end, if the system has a way to ask.</summary>
    internal static void TerminateWhole(int root)
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            _ = SendSignal(root, Terminate);
        }
    }

    /// <summary>Where there is no <c>/proc</c>: kills a tree by what the system has for it.</summary>
    internal static void KillWhole(int root)
    {
        try
        {
#if NET
            using var process = Process.GetProcessById(root);
            process.Kill(entireProcessTree: true);
#else
            using var taskkill = Process.Start(new ProcessStartInfo("taskkill.exe", "/T /F /PID " + root.ToString(CultureInfo.InvariantCulture))
            {
                UseShellExecute = false,
                CreateNoWindow = true,
            });
            taskkill?.WaitForExit();
#endif
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }

    private static IEnumerable<int> AllIds()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                yield return id;
            }
        }
    }

    private static int GetOwnId()
    {
        using var self = Process.GetCurrentProcess();
        return self.Id;
    }

    private static bool TryRead(int id, out ProcessIdentity process, out int parent)
    {
        process = default;
        parent = 0;
        string text = Encoding.ASCII.GetString(ReadAll("/proc/" + id.ToString(CultureInfo.InvariantCulture) + "/stat"));
        int nameEnd = text.LastIndexOf(')');
        if (nameEnd < 0)
        {
            return false;
        }

        string[] fields = text.Substring(nameEnd + 1).Split([' '], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= StartTimeField
            || fields[StateField] is "Z" or "X" // Dead already; only its parent has not looked.
            || !int.TryParse(fields[ParentField], NumberStyles.None, CultureInfo.InvariantCulture, out parent)
            || !long.TryParse(fields[StartTimeField], NumberStyles.None, CultureInfo.InvariantCulture, out long startTime))
        {
            return false;
        }

        process = new ProcessIdentity(id, startTime);
        return true;
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or somebody else's.
            return s_nothing;
        }
    }

    private static bool Contains(byte[] text, byte[] part)
    {
        for (int i = 0; i <= text.Length - part.Length; i++)
        {
            int matched = 0;
            while (matched < part.Length && text[i + matched] == part[matched])
            {
                matched++;
            }

            if (matched == part.Length)
            {
                return true;
            }
        }

        return false;
    }

#pragma warning disable SYSLIB1054 // Source-generated P/Invoke needs unsafe code, and is not there for .NET Standard.
    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);

    [DllImport("libc", EntryPoint = "readlink")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr ReadLink(byte[] path, byte[] target, IntPtr size);
#pragma warning restore SYSLIB1054
}
