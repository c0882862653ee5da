using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Writes what the tasks of an agent write, between markers that say whose it is. The thread of the pipeline alone writes;
/// all others post.
/// </summary>
internal sealed class AgentOutput : ITaskRecordSink, IDisposable
{
    // A task that waits behind one that has ended starts within less, as a rule.
    private static readonly TimeSpan s_longestHold = TimeSpan.FromMilliseconds(2);

    private readonly Cmdlet _cmdlet;
    private readonly AgentMarkers _markers;
    private readonly BlockingCollection<object> _posted = [];
    private readonly Action<AgentTask> _ended;
    private long _current;
    private int _unstartedCount;
    private volatile bool _isClosed;

    /// <param name="cmdlet">Whose streams the records go to.</param>
    /// <param name="nonce">What the markers begin with.</param>
    /// <param name="ended">Called for each task that has ended, when all of it has been written.</param>
    internal AgentOutput(Cmdlet cmdlet, string nonce, Action<AgentTask> ended)
    {
        _cmdlet = cmdlet;
        _markers = new AgentMarkers(cmdlet, nonce);
        _ended = ended;
    }

    /// <summary>Whether what is posted is still sent.</summary>
    internal bool IsOpen => !_isClosed;

    /// <summary>A task was sent, and is to start.</summary>
    internal void Expect() => Interlocked.Increment(ref _unstartedCount);

    /// <summary>A task has something new. Does not block.</summary>
    internal void Post(AgentTask task) => Add(task);

    /// <summary>Posts a marker.</summary>
    internal void Post(char tag, string text) => Add(tag + text);

    /// <summary>Nothing more is to come.</summary>
    internal void Complete() => _posted.CompleteAdding();

    /// <summary>Writes a marker at once. For the thread of the pipeline.</summary>
    internal void Write(char tag, string text) => _markers.Write(tag, text);

    /// <summary>Writes what comes, until <see cref="Complete"/>. For the thread of the pipeline.</summary>
    internal void Run()
    {
        try
        {
            while (TryTake(out object? posted))
            {
                if (posted is AgentTask task)
                {
                    Write(task);
                }
                else
                {
                    _markers.Write((string)posted);
                }
            }
        }
        finally
        {
            _isClosed = true;
        }
    }

    /// <inheritdoc/>
    public void WriteOutput(DispatchTask task, object? value) => _cmdlet.WriteObject(value, enumerateCollection: false);

    /// <inheritdoc/>
    public void WriteError(DispatchTask task, object error)
    {
        if (error is Exception exception && ReferenceEquals(error, task.Exception))
        {
            Write(WireTag.FinalError, WireFault.Of(exception, Clock.System.ToDateTime(Clock.System.GetTimestamp())).Encode());
        }

        ErrorOrigin.Write(_cmdlet, TaskRecords.ToErrorRecord(error, task: null), isKept: TaskRecords.IsOfTask(error));
    }

    /// <inheritdoc/>
    public void WriteWarning(WarningRecord warning) => _cmdlet.WriteWarning(warning.Message);

    /// <inheritdoc/>
    public void WriteVerbose(VerboseRecord verbose) => _cmdlet.WriteVerbose(verbose.Message);

    /// <inheritdoc/>
    public void WriteDebug(DebugRecord debug) => _cmdlet.WriteDebug(debug.Message);

    /// <inheritdoc/>
    public void WriteInformation(InformationRecord information) => _cmdlet.WriteInformation(information);

    /// <inheritdoc/>
    public void WriteProgress(DispatchTask task, ProgressRecord progress) => _cmdlet.WriteProgress(progress);

    /// <inheritdoc/>
    public void End(DispatchTask task)
    {
        // Its end is a marker of its own.
    }

    /// <inheritdoc/>
    public void Dispose() => _posted.Dispose();

    private void Add(object posted)
    {
        try
        {
            _posted.Add(posted);
        }
        catch (InvalidOperationException)
        {
            // The session is over, and nobody reads any more.
        }
    }

    private void Write(AgentTask task)
    {
        long count = task.Unpost();

        // Read before the records: a task that ends between the two may have written more, and is posted again.
        bool isEnded = task.Task.IsEnded;
        if (!task.IsAnnounced && (task.HasStarted || (isEnded && task.Task.State != TaskState.Stopped)))
        {
            _current = task.Id;
            Interlocked.Decrement(ref _unstartedCount);
            _markers.WriteStarted(Text(task.Id));
            task.SetAnnounced();
        }

        TaskRecord[] records = task.Task.TakeRecords();
        if (records.Length > 0)
        {
            SetCurrent(task.Id);
            _markers.Release();
            Array.ForEach(records, record => TaskRecords.Write(this, task.Task, record));
        }

        task.SetWritten(count);

        if (isEnded && !task.IsReported)
        {
            task.IsReported = true;
            WriteEnd(task);
            _ended(task);
        }
    }

    private void WriteEnd(AgentTask task)
    {
        if (!task.IsAnnounced)
        {
            Interlocked.Decrement(ref _unstartedCount);
            Write(WireTag.Recalled, Text(task.Id));
            return;
        }

        string[] errors = task.Task.StandardError;
        if (errors.Length > 0)
        {
            SetCurrent(task.Id);
            Array.ForEach(errors, line => Write(WireTag.StandardError, line));
        }

        _markers.HoldEnd(WireEnd.Of(task).Encode());
        if (Volatile.Read(ref _unstartedCount) <= 0)
        {
            _markers.Release();
        }
    }

    /// <returns><see langword="false"/> when nothing is to come any more.</returns>
    private bool TryTake([NotNullWhen(true)] out object? posted)
    {
        if (_markers.IsHolding)
        {
            if (_posted.TryTake(out posted, s_longestHold))
            {
                return true;
            }

            _markers.Release();
        }

        return _posted.TryTake(out posted, Timeout.Infinite);
    }

    private void SetCurrent(long id)
    {
        if (_current != id)
        {
            _current = id;
            Write(WireTag.Current, Text(id));
        }
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
