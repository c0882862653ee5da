using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A file that gets a line of JSON for each ended task of a dispatcher. It is written by a thread of its own, which has
/// the file open only while there is something to write. Safe to use from any thread.
/// </summary>
/// <remarks>
/// Lines go to the system as soon as the thread has them: those that wait go together, in one write that appends whole
/// lines, so that several dispatchers and processes can share a file. What was written before a crash of this process
/// is in the file; only a crash of the machine can take it.
/// </remarks>
internal sealed class TaskLog
{
    private const int LinesPerWrite = 256;

    private readonly Dispatcher _dispatcher;
    private readonly Courier<DispatchTask> _courier;
    private readonly StringBuilder _text = new();
    private AppendOnlyFile? _file;
    private Exception? _error;
    private long _lostLines;
    private int _isToldOf;

    /// <exception cref="IOException">The file cannot be written, or its folder cannot be made.</exception>
    internal TaskLog(Dispatcher dispatcher, string path)
    {
        _dispatcher = dispatcher;
        Path = path;
        _courier = new Courier<DispatchTask>(dispatcher.Clock, dispatcher.Name + " log", LinesPerWrite, Write, Rest);

        // Before any task is accepted: a path that is no use is an error of whoever gave it.
        AppendOnlyFile.Open(path).Dispose();
    }

    internal string Path { get; }

    /// <summary>Why the first line was lost.</summary>
    internal Exception? Error => Volatile.Read(ref _error);

    /// <summary>Notes an ended task. Never blocks. <see cref="Start"/> has to follow, once no lock is held.</summary>
    internal void Add(DispatchTask task)
    {
        try
        {
            if (!_courier.Post(task))
            {
                OnLost(1, new TimeoutException("A write to the log '" + Path + "' has not returned for more than a minute."));
            }
        }
        catch (OutOfMemoryException e)
        {
            OnLost(1, e);
        }
    }

    /// <summary>Starts the thread that writes, if there is something to write and no thread that does.</summary>
    internal void Start() => _courier.Start();

    /// <summary>Waits until the lines of all tasks noted before are in the file, and it is closed.</summary>
    internal bool Flush(TimeSpan timeout, CancellationToken cancellationToken = default) => _courier.Flush(timeout, cancellationToken);

    /// <summary>A sentence about lines that were lost, the first time there is something to say.</summary>
    internal string? TakeWarning() => Error is { } error && Interlocked.Exchange(ref _isToldOf, 1) == 0
        ? "The log '" + Path + "' lacks the lines of " + Interlocked.Read(ref _lostLines) + " tasks: " + DispatcherEventSource.Describe(error)
        : null;

    private void Write(List<DispatchTask> tasks)
    {
        try
        {
            _text.Clear();
            tasks.ForEach(task => TaskLogLine.Append(_text, task));
            byte[] lines = Encoding.UTF8.GetBytes(_text.ToString());
            _file ??= AppendOnlyFile.Open(Path);

            _file.Append(lines);
        }
        catch (Exception e)
        {
            // The file starts over with the next lines, on a fresh line: the write may have left half of one.
            Rest();
            OnLost(tasks.Count, e);
        }
    }

    private void Rest()
    {
        _file?.Dispose();
        _file = null;
    }

    private void OnLost(int lines, Exception error)
    {
        Interlocked.Add(ref _lostLines, lines);
        if (Interlocked.CompareExchange(ref _error, error, null) is null)
        {
            _dispatcher.OnLogFailed(Path, error);
        }
    }
}
