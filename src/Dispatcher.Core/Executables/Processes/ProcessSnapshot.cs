using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace Dispatching;

/// <summary>
/// All living processes at one time. Looking costs some 10 µs a process, so that those who ask at the same time, as when
/// many tasks reach their timeout together, share one scan.
/// </summary>
internal sealed class ProcessSnapshot
{
    internal const string MarkerPrefix = "DISPATCHER_TASK_";

    // Fields of /proc/PID/stat behind the name, which is in parentheses and may hold anything (proc(5)).
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int SessionField = 3;
    private const int StartTimeField = 19;
    private const int FirstBufferSize = 16 * 1024;
    private const int FewIds = 50;

    // Far beyond what listing the processes of a machine takes that does not start new ones all the time.
    private static readonly TimeSpan s_longestList = TimeSpan.FromMilliseconds(100);

    private static readonly byte[] s_prefix = Encoding.ASCII.GetBytes(MarkerPrefix);
    private static readonly char[] s_space = [' '];
    private static readonly object s_lock = new();
    private static readonly int s_ownId = GetOwnId();
    private static readonly List<string> s_noMarkers = [];
    private static long s_time;
    private static ProcessSnapshot? s_latest;

    private readonly List<ProcessEntry> _entries = [];
    private readonly Dictionary<int, List<ProcessEntry>> _children = [];
    private readonly long _startedAt;
    private byte[] _buffer = new byte[FirstBufferSize];
    private Action<ProcessEntry>? _onFound;

    private ProcessSnapshot(long startedAt) => _startedAt = startedAt;

    /// <summary>Scans, or returns the result of a scan that has started after this was called.</summary>
    internal static ProcessSnapshot Take()
    {
        long now = Interlocked.Increment(ref s_time);
        lock (s_lock)
        {
            if (s_latest is null || s_latest._startedAt < now)
            {
                var snapshot = new ProcessSnapshot(Interlocked.Increment(ref s_time));
                snapshot.Scan();
                s_latest = snapshot;
            }

            return s_latest;
        }
    }

    /// <summary>
    /// Scans those whose ids were given out after this one, where they are few; <see langword="null"/> where they are not
    /// or cannot be told. The kernel gives ids out in ascending order until it starts over, and names the last one at the
    /// end of <c>/proc/loadavg</c> (proc(5)).
    /// </summary>
    /// <param name="id">The id.</param>
    /// <param name="onFound">Is shown each as soon as it is found, the newest first.</param>
    internal static ProcessSnapshot? TakeAfter(int id, Action<ProcessEntry>? onFound = null)
    {
        int last = GetLastId();
        if (last < id || last - id > FewIds)
        {
            return null;
        }

        var snapshot = new ProcessSnapshot(0) { _onFound = onFound };
        for (int other = last; other > id; other--)
        {
            snapshot.Scan(other);
        }

        snapshot.MissedAny = snapshot._entries.Count < last - id;
        return snapshot;
    }

    /// <summary>Of <see cref="TakeAfter"/>: whether some had ended before they were looked at, and may have started others.</summary>
    internal bool MissedAny { get; private set; }

    /// <summary>
    /// Scans all again, the newest first, and shows each to the caller as soon as it is found: a program that starts
    /// itself again and again is caught only by somebody who acts at once.
    /// </summary>
    internal static ProcessSnapshot Take(Action<ProcessEntry> onFound)
    {
        var snapshot = new ProcessSnapshot(0) { _onFound = onFound };
        snapshot.Scan();
        return snapshot;
    }

    /// <summary>Returns the processes that fit, and all that descend from them.</summary>
    internal HashSet<ProcessIdentity> FindTrees(Predicate<ProcessEntry> isRoot)
    {
        var found = new HashSet<ProcessIdentity>();
        var open = new Stack<ProcessEntry>();
        foreach (ProcessEntry entry in _entries)
        {
            if (isRoot(entry))
            {
                open.Push(entry);
            }
        }

        while (open.Count > 0)
        {
            ProcessEntry entry = open.Pop();
            if (found.Add(entry.Identity) && _children.TryGetValue(entry.Identity.Id, out List<ProcessEntry>? children))
            {
                children.ForEach(open.Push);
            }
        }

        return found;
    }

    /// <summary>Whether this very process is alive.</summary>
    internal static bool IsAlive(ProcessIdentity process) => Find(process.Id) == process;

    /// <summary>The living process that has an id now.</summary>
    internal static ProcessIdentity? Find(int id)
    {
        byte[] buffer = new byte[1024];
        return Parse(id, buffer, Read(FileOf(id, "stat"), ref buffer), out ProcessIdentity current, out _, out _) ? current : null;
    }

    /// <summary>The id that was given out last; 0 where that cannot be told.</summary>
    internal static int GetLastId()
    {
        byte[] buffer = new byte[256];
        string[] fields = Encoding.ASCII.GetString(buffer, 0, Read("/proc/loadavg", ref buffer)).TrimEnd().Split(s_space);
        return int.TryParse(fields[fields.Length - 1], NumberStyles.None, CultureInfo.InvariantCulture, out int last) ? last : 0;
    }

    private static int GetOwnId()
    {
        using var self = Process.GetCurrentProcess();
        return self.Id;
    }

    private void Scan()
    {
        var ids = new List<int>();
        int last = GetLastId();
        var clock = Stopwatch.StartNew();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id != s_ownId)
            {
                if (id > last && last > 0 && clock.Elapsed > s_longestList)
                {
                    // Ids are listed in ascending order, and new ones are given out as fast as they are listed.
                    break;
                }

                ids.Add(id);
            }
        }

        ids.Sort();
        ids.Reverse();
        ids.ForEach(Scan);
        _buffer = [];
    }

    private void Scan(int id)
    {
        if (!Parse(id, _buffer, Read(FileOf(id, "stat"), ref _buffer), out ProcessIdentity identity, out int parent, out int session))
        {
            return;
        }

        var entry = new ProcessEntry(identity, parent, session, FindMarkers(Read(FileOf(id, "environ"), ref _buffer)));
        _entries.Add(entry);
        if (!_children.TryGetValue(parent, out List<ProcessEntry>? siblings))
        {
            _children.Add(parent, siblings = []);
        }

        siblings.Add(entry);
        _onFound?.Invoke(entry);
    }

    private static bool Parse(int id, byte[] text, int count, out ProcessIdentity process, out int parent, out int session)
    {
        process = default;
        parent = 0;
        session = 0;
        int nameEnd = count <= 0 ? -1 : Array.LastIndexOf(text, (byte)')', count - 1);
        if (nameEnd < 0)
        {
            return false;
        }

        string[] fields = Encoding.ASCII.GetString(text, nameEnd + 1, count - nameEnd - 1).Split(s_space, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= StartTimeField
            || fields[StateField] is "Z" or "X" // Dead already; only its parent has not looked.
            || !int.TryParse(fields[ParentField], NumberStyles.None, CultureInfo.InvariantCulture, out parent)
            || !int.TryParse(fields[SessionField], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out session)
            || !long.TryParse(fields[StartTimeField], NumberStyles.None, CultureInfo.InvariantCulture, out long startTime))
        {
            return false;
        }

        process = new ProcessIdentity(id, startTime);
        return true;
    }

    private List<string> FindMarkers(int count)
    {
        List<string>? markers = null;
        int start = 0;
        while (start < count)
        {
            int end = Array.IndexOf(_buffer, (byte)0, start, count - start);
            end = end < 0 ? count : end;
            if (StartsWithPrefix(start, end))
            {
                int equals = Array.IndexOf(_buffer, (byte)'=', start, end - start);
                (markers ??= []).Add(Encoding.ASCII.GetString(_buffer, start, (equals < 0 ? end : equals) - start));
            }

            start = end + 1;
        }

        return markers ?? s_noMarkers;
    }

    private bool StartsWithPrefix(int start, int end)
    {
        for (int i = 0; i < s_prefix.Length; i++)
        {
            if (start + i >= end || _buffer[start + i] != s_prefix[i])
            {
                return false;
            }
        }

        return true;
    }

    private static string FileOf(int id, string name) => "/proc/" + id.ToString(CultureInfo.InvariantCulture) + "/" + name;

    /// <summary>Reads a whole file; nothing if its process has ended meanwhile, or is somebody else's.</summary>
    private static int Read(string path, ref byte[] buffer)
    {
        int file = LinuxNative.Open(NativeText.Terminated(path), LinuxNative.ReadOnly | LinuxNative.CloseOnExec, 0);
        if (file < 0)
        {
            return 0;
        }

        int total = 0;
        try
        {
            while (true)
            {
                if (total == buffer.Length)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }

                int count = (int)LinuxNative.ReadAt(file, buffer, total);
                if (count <= 0)
                {
                    return total;
                }

                total += count;
            }
        }
        finally
        {
            _ = LinuxNative.Close(file);
        }
    }
}
