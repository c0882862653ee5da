using System;
using System.Globalization;
using System.Threading;

namespace Dispatching;

/// <content>What the task tells of itself to logs, and what of its output nobody has received.</content>
public partial class DispatchTask
{
    // More than most tasks ever write, and still no strain on the memory of most machines.
    /// <summary>So many characters or bytes that nobody has received are worth a warning.</summary>
    internal const int LargeText = 250_000_000;

    private const int LargeCount = 1_000_000;

    private bool _isInputNoted;
    private bool _hasUnreceived;
    private bool _isLarge;
    private int _textSize;
    private int _forgottenIn;

    /// <summary>What the log tells of <see cref="InputObject"/>.</summary>
    internal string? LoggedInput { get; private set; }

    /// <summary>Whether somebody got it from what the dispatcher remembers, and may not hold all its tasks.</summary>
    internal bool WasLookedUp { get; set; }

    /// <summary>Whether it has written something, progress apart, that nobody has looked at.</summary>
    internal bool HasUnreceived => Volatile.Read(ref _hasUnreceived);

    /// <summary>Notes that the dispatcher no longer remembers it, where there is something to receive.</summary>
    internal bool TryForget(int period)
    {
        InterruptSafe.Enter(LogLock);
        _forgottenIn = _hasUnreceived ? period : 0;
        Monitor.Exit(LogLock);
        return _forgottenIn != 0;
    }

    /// <summary>Makes <see cref="LoggedInput"/>, once: before the task can change its item.</summary>
    internal void NoteInput(LogInput input)
    {
        if (!_isInputNoted)
        {
            _isInputNoted = true;
            LoggedInput = input == LogInput.None ? null : DescribeInput(input);
        }
    }

    /// <summary>What a log tells of an error: never arguments, nor the item.</summary>
    internal virtual string DescribeError(Exception error) => error is ILoggedException logged ? logged.LogMessage : DispatcherEventSource.Describe(error);

    /// <summary>Warns, once, of much output that is held back until the program has ended.</summary>
    internal void WarnOfLargeOutput(TaskContext context)
    {
        lock (LogLock)
        {
            if (_isLarge)
            {
                return;
            }

            _isLarge = true;
        }

        if (Append(context, new TaskRecord(RecordKind.Warning, DescribeLargeOutput())))
        {
            Dispatcher?.OnLargeOutput(this);
        }
    }

    internal string DescribeLargeOutput() => string.Format(
        CultureInfo.InvariantCulture,
        "Task {0} '{1}' has written more than {2:N0} objects, or {3} million characters or bytes, that nobody has received. All of it is kept in memory. Receive it while the task runs, write it to a file, or stop the task.",
        Id,
        Name,
        LargeCount,
        LargeText / 1_000_000);

    private protected virtual string? DescribeInput(LogInput input) => input == LogInput.Text
        ? LogText.OfUnknown(InputObject, TaskLogLine.LongestInput)
        : ItemName.Of(InputObject, TaskLogLine.LongestInput);

    private void Count(TaskRecord record)
    {
        _hasUnreceived |= record.Kind != RecordKind.Progress;
        int size = (record.Value as string)?.Length ?? (record.Value as byte[])?.Length ?? 0;
        _textSize = Math.Min(LargeText, _textSize + Math.Min(LargeText, size));
    }

    /// <summary>Whether there has come to be very much that nobody has received, for the first time; then, a warning is added.</summary>
    private bool TrySetLarge()
    {
        if (_isLarge || (_recordCount <= LargeCount && _textSize < LargeText))
        {
            return false;
        }

        _isLarge = true;
        Add(new TaskRecord(RecordKind.Warning, DescribeLargeOutput()));
        return true;
    }

    private int SetReceived()
    {
        int forgottenIn = _forgottenIn;
        _forgottenIn = 0;
        _hasUnreceived = false;
        return forgottenIn;
    }

    private void NoteReceived(int forgottenIn)
    {
        if (forgottenIn != 0)
        {
            Dispatcher?.Unreceived.NoteReceived(forgottenIn);
        }
    }
}
