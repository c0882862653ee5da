using System;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <summary>
/// What one task has written, in order, and how much of it nobody has received. A struct, since a task is held by the
/// million and an object more would cost each of them. Not thread-safe: the task's lock on its output guards it.
/// </summary>
internal struct TaskOutput
{
    // More than most tasks ever write, and still no strain on the memory of most machines.
    /// <summary>So many characters or bytes that nobody has received are worth a warning.</summary>
    internal const int LargeText = 250_000_000;

    /// <summary>So are so many records.</summary>
    internal const int LargeCount = 1_000_000;

    private TaskRecord[]? _records;
    private StandardErrorLog? _standardError;
    private int _count;
    private int _textSize;
    private int _forgottenIn;
    private bool _hasUnreceived;
    private bool _hadErrors;
    private bool _isLarge;
    private bool _isUnannounced;
    private bool _isErrorUnrecorded;
    private object? _firstError;

    /// <summary>Whether there is anything to receive. May be read without the lock.</summary>
    internal bool HasRecords => Volatile.Read(ref _count) > 0 || Volatile.Read(ref _isErrorUnrecorded);

    /// <summary>The first error that was written; <see langword="null"/> if none was. Receiving it leaves it here. May be read without the lock.</summary>
    internal object? FirstError => Volatile.Read(ref _firstError);

    /// <summary>Whether there is something, progress apart, that nobody has looked at. May be read without the lock.</summary>
    internal bool HasUnreceived => Volatile.Read(ref _hasUnreceived);

    /// <summary>Whether an error was written, or ended an attempt. May be read without the lock.</summary>
    internal bool HadErrors
    {
        get => Volatile.Read(ref _hadErrors);
        set => Volatile.Write(ref _hadErrors, value);
    }

    /// <summary>Adds a record that listeners are told of.</summary>
    /// <param name="record">The record.</param>
    /// <param name="isFirst">Whether it is the first after all were received, so that everybody is told of it.</param>
    internal void Write(TaskRecord record, out bool isFirst)
    {
        isFirst = _count == 0 || _isUnannounced;
        _isUnannounced = false;
        Add(record);
    }

    /// <summary>Adds a record that nobody is told of: the next one does it.</summary>
    internal void WriteSilently(TaskRecord record)
    {
        Add(record);
        _isUnannounced = true;
    }

    internal void WriteStandardError(string line) => (_standardError ??= new StandardErrorLog()).Add(line);

    /// <summary>
    /// Adds the error that ends the task. Where there is no memory for the record, whoever reads the records is given the
    /// error all the same.
    /// </summary>
    internal void WriteFinalError(Exception error)
    {
        try
        {
            Add(new TaskRecord(RecordKind.Error, error));
        }
        catch (OutOfMemoryException)
        {
            _isErrorUnrecorded = true;
        }
    }

    internal readonly string[] GetStandardError() => _standardError?.ToArray() ?? [];

    /// <summary>Copies the records after so many.</summary>
    /// <param name="start">How many to leave out.</param>
    /// <param name="finalError">The error that ended the task.</param>
    internal readonly TaskRecord[] Copy(int start, Exception? finalError)
    {
        int count = _count + (_isErrorUnrecorded ? 1 : 0);
        if (count <= start)
        {
            return [];
        }

        var copy = new TaskRecord[count - start];
        if (_records is not null && _count > start)
        {
            Array.Copy(_records, start, copy, 0, _count - start);
        }

        if (_isErrorUnrecorded)
        {
            copy[copy.Length - 1] = new TaskRecord(RecordKind.Error, finalError);
        }

        return copy;
    }

    /// <summary>Takes all records out.</summary>
    internal TaskRecord[] Take(Exception? finalError)
    {
        // Most tasks write one object, for which the array was made: it changes hands, and no copy is made.
        TaskRecord[] records = _records is not null && _count == _records.Length && !_isErrorUnrecorded ? _records : Copy(0, finalError);
        _isErrorUnrecorded = false;
        Drop();
        return records;
    }

    internal readonly int Count => _count;

    /// <summary>Makes room for the records of another, and for two more.</summary>
    internal void Reserve(in TaskOutput other)
    {
        int needed = _count + other._count + 2;
        if (_records is null)
        {
            _records = new TaskRecord[needed];
        }
        else if (_records.Length < needed)
        {
            Array.Resize(ref _records, needed);
        }
    }

    /// <summary>Moves the records of another to the end of these. Nobody is told of them.</summary>
    internal void Append(ref TaskOutput other)
    {
        for (int i = 0; i < other._count; i++)
        {
            WriteSilently(other._records![i]); // It has so many.
        }

        other.Drop();
    }

    /// <summary>Forgets the records.</summary>
    internal void Drop()
    {
        _records = null;
        _count = 0;
        _textSize = 0;
    }

    /// <summary>Somebody has received what there is.</summary>
    /// <returns>The period of <see cref="TrySetForgotten"/>, or 0.</returns>
    internal int SetReceived()
    {
        int forgottenIn = _forgottenIn;
        _forgottenIn = 0;
        _hasUnreceived = false;
        return forgottenIn;
    }

    /// <summary>Its dispatcher no longer remembers the task. Returns whether there is something that nobody has received.</summary>
    internal bool TrySetForgotten(int period)
    {
        _forgottenIn = _hasUnreceived ? period : 0;
        return _forgottenIn != 0;
    }

    /// <summary>Whether there is very much that nobody has received, for the first time.</summary>
    internal bool TrySetLarge() => (_count > LargeCount || _textSize >= LargeText) && TrySetLargeOnce();

    /// <summary>Notes that there is very much. Returns whether that is new.</summary>
    internal bool TrySetLargeOnce()
    {
        bool isNew = !_isLarge;
        _isLarge = true;
        return isNew;
    }

    internal static string DescribeLarge(DispatchTask task) => string.Format(
        CultureInfo.InvariantCulture,
        "Task {0} '{1}' has written more than {2:N0} objects, or {3} million characters or bytes, that nobody has received. All of it is kept in memory. Receive it while the task runs, write it to a file, or stop the task.",
        task.Id,
        task.Name,
        LargeCount,
        LargeText / 1_000_000);

    private void Add(TaskRecord record)
    {
        if (_records is null)
        {
            _records = new TaskRecord[1];
        }
        else if (_count == _records.Length)
        {
            Array.Resize(ref _records, _count * 2);
        }

        _records[_count++] = record;
        if (record.Kind == RecordKind.Error)
        {
            _hadErrors = true;
            _firstError ??= record.Value;
        }

        _hasUnreceived |= record.Kind != RecordKind.Progress;
        int size = (record.Value as string)?.Length ?? (record.Value as byte[])?.Length ?? 0;
        _textSize = Math.Min(LargeText, _textSize + Math.Min(LargeText, size));
    }
}
