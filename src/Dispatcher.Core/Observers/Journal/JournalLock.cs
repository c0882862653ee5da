using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Sees to it that a journal has one writer: a file that is held open as long as there is one, which the system ends with
/// the process, and another that says who that is.
/// </summary>
internal sealed class JournalLock : IDisposable
{
    private const string LockName = "journal.lock";
    private const string OwnerName = "journal.owner";

    // One of the same process that is about to close is waited for, as long as a stop takes as a rule.
    private static readonly TimeSpan s_closeTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);
    private static readonly object s_lock = new();
    private static readonly Dictionary<string, JournalLock> s_held = new(StringComparer.Ordinal);

    private readonly string _folder;
    private readonly ManualResetEventSlim _released = new();
    private FileStream? _file;
    private bool _isClosing;

    private JournalLock(string folder, string owner)
    {
        _folder = folder;
        Owner = owner;
    }

    private string Owner { get; }

    /// <summary>Whether whoever holds it writes no more tasks, and lets go soon.</summary>
    internal bool IsClosing
    {
        get => Volatile.Read(ref _isClosing);
        set => Volatile.Write(ref _isClosing, value);
    }

    /// <summary>Takes the lock of a folder.</summary>
    /// <param name="folder">The full path.</param>
    /// <param name="owner">Who wants it, for the error of the next one.</param>
    /// <exception cref="JournalException">Somebody else has it.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal static JournalLock Take(string folder, string owner)
    {
        var taken = new JournalLock(folder, owner);
        Reserve(taken);
        try
        {
            taken._file = Open(folder);
            taken.TryWriteOwner();
            return taken;
        }
        catch (Exception)
        {
            taken.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            File.Delete(Path.Combine(_folder, OwnerName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The lock is what counts.
        }

        _file?.Dispose();
        Release();
    }

    /// <summary>Takes the place in this process. The file comes after that, since it may have to be waited for.</summary>
    private static void Reserve(JournalLock taken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            JournalLock? holder;
            lock (s_lock)
            {
                if (!s_held.TryGetValue(taken._folder, out holder))
                {
                    s_held.Add(taken._folder, taken);
                    return;
                }
            }

            TimeSpan left = s_closeTime - clock.Elapsed;
            if (!holder.IsClosing || left <= TimeSpan.Zero)
            {
                throw InUse(taken._folder, holder.Owner + " of this process", ", remove that dispatcher with Remove-Dispatcher");
            }

            holder._released.Wait(left);
        }
    }

    private void Release()
    {
        lock (s_lock)
        {
            s_held.Remove(_folder);
        }

        _released.Set();
    }

    private static FileStream Open(string folder)
    {
        string path = Path.Combine(folder, LockName);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e))
            {
                // A process that was killed a moment ago may not be gone yet.
                if (clock.Elapsed > TimeSpan.FromSeconds(1))
                {
                    throw InUse(folder, ReadOwner(folder) ?? "another process");
                }

#pragma warning disable RS0030 // There is no event for the end of another process's lock.
                Thread.Sleep(s_interval);
#pragma warning restore RS0030
            }
        }
    }

    /// <summary>Whether the file is open elsewhere: ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK on Linux and macOS.</summary>
    private static bool IsHeld(IOException e) => e.GetType() == typeof(IOException) && (e.HResult & 0xFFFF) is 32 or 33 or 11 or 35;

    private static JournalException InUse(string folder, string owner, string remedy = "") =>
        new("The journal '" + folder + "' is in use by " + owner + ". Wait until that has ended" + remedy + ", or give this run a folder of its own.");

    private static string? ReadOwner(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, OwnerName), Encoding.UTF8).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void TryWriteOwner()
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            File.WriteAllText(
                Path.Combine(_folder, OwnerName),
                string.Format(CultureInfo.InvariantCulture, "{0} in process {1} ({2}) on {3}", Owner, process.Id, process.ProcessName, Environment.MachineName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // The next one hears of another process, and not which.
        }
    }
}
