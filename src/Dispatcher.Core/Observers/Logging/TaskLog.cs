using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A file that gets a line of JSON for each ended task of a dispatcher. It is written by a thread of its own, which has
/// the file open only while it writes. Safe to use from any thread.
/// </summary>
/// <remarks>
/// Lines go to the system as soon as the thread has them: those that wait go together, in one write that appends whole
/// lines, so that several dispatchers and processes can share a file. What was written before a crash of this process
/// is in the file; only a crash of the machine can take it.
/// </remarks>
internal sealed class TaskLog : ITaskObserver
{
    private const int LinesPerWrite = 256;

    private readonly Action<string, Exception> _onFailed;
    private readonly BackgroundQueue<DispatchTask> _queue;
    private readonly StringBuilder _text = new();
    private readonly AppendOnlyFile _file;
    private Exception? _error;
    private Exception? _lastError;
    private long _untoldLines;

    /// <exception cref="IOException">The file cannot be written, or its folder cannot be made.</exception>
    /// <param name="owner">The scheduler whose tasks these are.</param>
    /// <param name="path">The file.</param>
    /// <param name="input">How much the log tells of the items.</param>
    /// <param name="onFailed">Called, on any thread, when lines begin to be lost.</param>
    internal TaskLog(ITaskOwner owner, string path, LogInput input, Action<string, Exception> onFailed)
    {
        _onFailed = onFailed;
        Path = path;
        Input = input;
        _file = new AppendOnlyFile(path);
        _queue = new BackgroundQueue<DispatchTask>(owner.Clock, owner.Name + " log", LinesPerWrite, Write);

        // Before any task is accepted: a path that is no use is an error of whoever gave it.
        _file.Check();
    }

    internal string Path { get; }

    /// <summary>How much it tells of the items.</summary>
    internal LogInput Input { get; }

    /// <summary>Why lines are lost at the moment; <see langword="null"/> while they are not.</summary>
    internal Exception? Error => Volatile.Read(ref _error);

    /// <inheritdoc/>
    public bool IsListening => true;

    /// <inheritdoc/>
    public void OnSending(DispatchTask task) => task.NoteInput(Input);

    /// <inheritdoc/>
    public void OnTransition(DispatchTask task, TaskTransition transition)
    {
        if (transition == TaskTransition.Ended)
        {
            Add(task);
        }
    }

    /// <inheritdoc/>
    public void OnLost()
    {
        // What cannot be noted is counted where that happens.
    }

    /// <inheritdoc/>
    public void StartThread() => _queue.Start();

    /// <summary>Waits until the lines of all tasks noted before are in the file, and it is closed.</summary>
    internal bool Flush(TimeSpan timeout, CancellationToken cancellationToken = default) => _queue.Flush(timeout, cancellationToken);

    /// <summary>A sentence about lines that were lost since the last one, if there were any.</summary>
    internal string? TakeWarning() => Interlocked.Exchange(ref _untoldLines, 0) is > 0 and { } lines && Volatile.Read(ref _lastError) is { } error
        ? "The log '" + Path + "' lacks the lines of " + lines + " tasks: " + LogText.OfException(error)
        : null;

    private void Add(DispatchTask task)
    {
        try
        {
            if (!_queue.Post(task))
            {
                NoteLost(1, new TimeoutException("A write to the log '" + Path + "' has not returned for more than a minute."));
            }
        }
        catch (OutOfMemoryException e)
        {
            NoteLost(1, e);
        }
    }

    private void Write(List<DispatchTask> tasks)
    {
        byte[] lines = [];
        int written = 0;
        try
        {
            _text.Clear();
            tasks.ForEach(task => TaskLogLine.Append(_text, task));
            lines = Encoding.UTF8.GetBytes(_text.ToString());
            _file.Append(lines, ref written);
            Volatile.Write(ref _error, null);
        }
        catch (Exception e)
        {
            // A disk that is full may have taken some of the lines.
            NoteLost(tasks.Count - CountLines(lines, written), e);
        }
    }

    private static int CountLines(byte[] text, int length)
    {
        int count = 0;
        for (int i = 0; i < length; i++)
        {
            count += text[i] == '\n' ? 1 : 0;
        }

        return count;
    }

    private void NoteLost(int lines, Exception error)
    {
        Volatile.Write(ref _lastError, error);
        Interlocked.Add(ref _untoldLines, lines);
        if (Interlocked.CompareExchange(ref _error, error, null) is null)
        {
            _onFailed(Path, error);
        }
    }
}
