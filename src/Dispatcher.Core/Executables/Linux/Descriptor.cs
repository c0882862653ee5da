using System;
using System.IO;

namespace Dispatching;

/// <summary>An open file of this process, closed when it is disposed of. Programs do not inherit it.</summary>
internal sealed class Descriptor : IDisposable
{
    // Below are the places of the three standard streams: what is put there would hide what is still needed.
    private const int Lowest = 3;
    private const int DuplicateFrom = 1030;

    private int _number;

    private Descriptor(int number) => _number = number;

    internal int Number => _number;

    internal bool IsOpen => _number >= 0;

    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static Descriptor Open(string path, int flags)
    {
        int number = LinuxNative.Open(NativeText.Terminated(path), flags | LinuxNative.CloseOnExec, LinuxNative.ReadableAndWritableByAll);
        if (number < 0)
        {
            throw new IOException("'" + path + "' cannot be opened: " + LinuxNative.LastError().Message);
        }

        return Take(number);
    }

    /// <summary>Opens a file to write to, and makes the folders that it is in.</summary>
    internal static Descriptor OpenForWriting(string path, bool append)
    {
        OutputFolder.MakeFor(path);

        return Open(path, LinuxNative.WriteOnly | LinuxNative.Create | (append ? LinuxNative.AppendMode : LinuxNative.Truncate));
    }

    /// <summary>Makes a pipe.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">A limit is reached.</exception>
    internal static void Pipe(out Descriptor reading, out Descriptor writing)
    {
        var ends = new int[2];
        if (LinuxNative.Pipe(ends, LinuxNative.CloseOnExec) < 0)
        {
            throw LinuxNative.LastError();
        }

        reading = Take(ends[0]);
        writing = Take(ends[1]);
    }

    /// <summary>Takes over what a call has opened.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The call has failed.</exception>
    internal static Descriptor Take(int number)
    {
        if (number < 0)
        {
            throw LinuxNative.LastError();
        }

        if (number >= Lowest)
        {
            return new Descriptor(number);
        }

        int moved = LinuxNative.Control(number, DuplicateFrom, Lowest);
        _ = LinuxNative.Close(number);
        return Take(moved);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsOpen)
        {
            _ = LinuxNative.Close(_number);
            _number = -1;
        }
    }
}
