using System;
using System.IO;

namespace Dispatching;

/// <summary>Writes to a file, where a program cannot be given the file itself. Both streams of a program may share one.</summary>
internal sealed class FileSink : IOutputSink, IDisposable
{
    private readonly object _lock = new();
    private readonly FileStream _file;
    private readonly bool _append;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written to.</exception>
    internal FileSink(string path, bool append)
    {
        OutputFolder.MakeFor(path);
        _append = append;
        _file = new FileStream(path, append ? FileMode.Append : FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
    }

    /// <summary>The program has started: what the file had before is dropped, unless it is added to.</summary>
    internal void Begin()
    {
        if (!_append && _file.CanSeek && _file.Length > 0)
        {
            _file.SetLength(0);
        }
    }

    public void Write(byte[] buffer, int count)
    {
        lock (_lock)
        {
            _file.Write(buffer, 0, count);
        }
    }

    public void Complete()
    {
        // The other stream may still write to it; the task closes it.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        InterruptSafe.Enter(_lock);
        _file.Dispose();
        System.Threading.Monitor.Exit(_lock);
    }
}
