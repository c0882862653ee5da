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
/// one thread at a time.
/// </summary>
/// <remarks>
/// It is opened for each write. A handle that stayed open would go on to write into a file that was renamed or deleted
/// meanwhile, and nobody would find those lines at the path.
/// </remarks>
internal sealed class AppendOnlyFile
{
    private const int NotFound = 2; // On Unix as on Windows.
    private const int FolderNotFound = 3;
    private const long Unknown = -1;

    private static readonly byte[] s_lineEnd = [(byte)'\n'];

    // Another process may be in the middle of a write just now, which shows as half a line for a moment.
    private static readonly TimeSpan s_writeTime = TimeSpan.FromMilliseconds(2);

    private readonly string _path;

    // The length after the last write, which ended with a line. A file that is shorter now is another one, or was cut off.
    private long _length = Unknown;

    internal AppendOnlyFile(string path) => _path = path;

    /// <summary>Finds out whether it can be written, and makes it and its folder where they are not there.</summary>
    /// <exception cref="IOException">It cannot be opened for writing.</exception>
    internal void Check() => Open().Dispose();

    /// <summary>
    /// Appends whole lines in one write. Others may read, rename, cut off and delete the file; where it is not there, it is
    /// made, its folder included, for its owner alone to read and write.
    /// </summary>
    /// <param name="lines">The lines.</param>
    /// <param name="written">How many bytes of them have been written, also where not all could be.</param>
    /// <exception cref="IOException">Not all of it, or nothing, could be written.</exception>
    internal void Append(byte[] lines, ref int written)
    {
        using SafeFileHandle handle = Open();
        long length = AppendNative.GetLength(handle);
        bool isKnown = _length != Unknown && length >= _length;
        _length = Unknown;
        if (length > 0 && !isKnown && !WaitUntilEndsWithLine(_path))
        {
            // A process that ended in the middle of a line must not spoil the next.
            Write(handle, s_lineEnd, ref length);
        }

        long count = 0;
        try
        {
            Write(handle, lines, ref count);
        }
        finally
        {
            written = (int)count;
        }

        _length = length < 0 ? Unknown : length + count;
    }

    private static void Write(SafeFileHandle handle, byte[] bytes, ref long count)
    {
        for (int done = 0; done < bytes.Length;)
        {
            int written = AppendNative.Write(handle, bytes, done);
            if (written < 0)
            {
                throw new IOException(new Win32Exception(Marshal.GetLastWin32Error()).Message);
            }

            done += written;
            count += written;
        }
    }

    private SafeFileHandle Open()
    {
        try
        {
            SafeFileHandle handle = AppendNative.Open(_path);
            if (!handle.IsInvalid)
            {
                return handle;
            }

            int error = Marshal.GetLastWin32Error();
            handle.Dispose();
            if (error is NotFound or FolderNotFound)
            {
                return Create();
            }

            throw new Win32Exception(error);
        }
        catch (Exception e)
        {
            throw new IOException(PathObstacle.Describe(_path) ?? e.Message, e);
        }
    }

    private SafeFileHandle Create()
    {
        if (Path.GetDirectoryName(_path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        SafeFileHandle handle = AppendNative.Create(_path);
        if (handle.IsInvalid)
        {
            int error = Marshal.GetLastWin32Error();
            handle.Dispose();
            throw new Win32Exception(error);
        }

        return handle;
    }

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
