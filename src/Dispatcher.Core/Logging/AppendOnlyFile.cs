using System;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace Dispatching;

/// <summary>
/// A file whose every write goes to its end, wherever that is by then: the system sees to that, also where several
/// processes write. FileMode.Append only starts at the end, and what others have written meanwhile would be lost. For
/// one thread at a time; whoever opens it disposes of it.
/// </summary>
internal sealed class AppendOnlyFile : IDisposable
{
    private static readonly byte[] s_lineEnd = [(byte)'\n'];

    // Another process may be in the middle of a write just now, which shows as half a line for a moment.
    private static readonly TimeSpan s_writeTime = TimeSpan.FromMilliseconds(2);

    private readonly SafeFileHandle _handle;
    private bool _isAtFreshLine;

    private AppendOnlyFile(SafeFileHandle handle, bool isAtFreshLine)
    {
        _handle = handle;
        _isAtFreshLine = isAtFreshLine;
    }

    /// <summary>Opens a file, and makes it and its folder where they are not there. Others may read, write, rename and delete it.</summary>
    /// <exception cref="IOException">It cannot be opened for writing.</exception>
    internal static AppendOnlyFile Open(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            if (!File.Exists(path))
            {
                new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
            }

            SafeFileHandle handle = AppendNative.Open(path);
            if (handle.IsInvalid)
            {
                int error = Marshal.GetLastWin32Error();
                handle.Dispose();
                throw new Win32Exception(error);
            }

            return new AppendOnlyFile(handle, WaitUntilEndsWithLine(path));
        }
        catch (Exception e) when (e is not IOException)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Appends whole lines in one write.</summary>
    /// <exception cref="IOException">Not all of it, or nothing, could be written.</exception>
    internal void Append(byte[] lines)
    {
        if (!_isAtFreshLine)
        {
            // A process that ended in the middle of a line must not spoil the next.
            lines = [.. s_lineEnd, .. lines];
        }

        for (int done = 0; done < lines.Length;)
        {
            int written = AppendNative.Write(_handle, lines, done);
            if (written < 0)
            {
                throw new IOException(new Win32Exception(Marshal.GetLastWin32Error()).Message);
            }

            done += written;
        }

        _isAtFreshLine = true;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static bool WaitUntilEndsWithLine(string path)
    {
        for (int looks = 0; looks < 5; looks++)
        {
            if (EndsWithLine(path))
            {
                return true;
            }

#pragma warning disable RS0030 // There is no event for the end of another process's write.
            Thread.Sleep(s_writeTime);
#pragma warning restore RS0030
        }

        return false;
    }

    private static bool EndsWithLine(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            if (!file.CanSeek || file.Length == 0)
            {
                return true;
            }

            file.Seek(-1, SeekOrigin.End);
            return file.ReadByte() is '\n' or -1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // One that may be written and not be read. Nearly always it ends as it should.
            return true;
        }
    }
}
