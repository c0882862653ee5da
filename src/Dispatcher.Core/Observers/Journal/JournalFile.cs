using System;
using System.IO;
using System.Threading;

namespace Dispatching;

/// <summary>
/// The file of a journal, which has one writer: lines are appended, and go to the system at once. What was not written to
/// its end is taken back. Safe to use from any thread.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    internal const string Name = "journal.jsonl";

    private readonly object _lock = new();
    private readonly FileStream _file;

    // A flush takes long, and lines go on being written meanwhile: it has a handle of its own.
    private readonly FileStream _flushed;
    private long _length;
    private bool _isTorn;

    private JournalFile(FileStream file, FileStream flushed, long length)
    {
        _file = file;
        _flushed = flushed;
        _length = length;
    }

    /// <summary>Opens it for writing. What is behind the last whole line is cut off.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">How long its whole lines are.</param>
    internal static JournalFile Open(string path, long length)
    {
        FileStream file = Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        try
        {
            if (file.Length > length)
            {
                file.SetLength(length);
            }

            return new JournalFile(file, Open(path, FileMode.Open, FileAccess.ReadWrite), length);
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that others may read, write, rename and delete meanwhile.</summary>
    internal static FileStream Open(string path, FileMode mode, FileAccess access)
    {
#if NET
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            // For its owner alone: tasks may work on what is nobody else's business.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
#else
        return new FileStream(path, mode, access, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
#endif
    }

    /// <summary>Fills a buffer from a place of a file, as far as there is something.</summary>
    internal static void Read(FileStream file, long offset, byte[] buffer)
    {
        file.Position = offset;
        for (int read, done = 0; done < buffer.Length && (read = file.Read(buffer, done, buffer.Length - done)) > 0;)
        {
            done += read;
        }
    }

    /// <summary>Goes through the whole lines of a file. Returns how long they are together.</summary>
    /// <param name="file">The file, from where it is now.</param>
    /// <param name="use">Gets a buffer, where in it a line begins, how long it is without its end, and where it is in the file.</param>
    internal static long ReadLines(Stream file, Action<byte[], int, int, long> use)
    {
        byte[] buffer = new byte[1 << 16];
        int filled = 0;
        long offset = 0;
        while (true)
        {
            int read = file.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
            {
                return offset;
            }

            int start = 0;
            int end;
            filled += read;
            int from = filled - read;
            while ((end = Array.IndexOf(buffer, (byte)'\n', from, filled - from)) >= 0)
            {
                use(buffer, start, end - start, offset);
                offset += end + 1 - start;
                start = end + 1;
                from = start;
            }

            Buffer.BlockCopy(buffer, start, buffer, 0, filled - start);
            filled -= start;
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * buffer.Length);
            }
        }
    }

    /// <summary>Appends a line, its end included.</summary>
    /// <exception cref="IOException">It could not be written, and is not there.</exception>
    internal void Append(byte[] line)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            if (_isTorn)
            {
                _file.SetLength(_length);
                _isTorn = false;
            }

            _isTorn = true;
            _file.Position = _length;
            _file.Write(line, 0, line.Length);
            _length += line.Length;
            _isTorn = false;
        }
        catch (Exception) when (_isTorn)
        {
            TryTakeBack();
            throw;
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    /// <summary>Has the system write what it has taken, which a power cut could still take.</summary>
    internal void Flush() => _flushed.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
            _flushed.Dispose();
        }
    }

    private void TryTakeBack()
    {
        try
        {
            _file.SetLength(_length);
            _isTorn = false;
        }
        catch (Exception)
        {
            // The next line tries again, and so does whoever opens the journal next.
        }
    }
}
