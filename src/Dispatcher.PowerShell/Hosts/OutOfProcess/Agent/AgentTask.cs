using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>A task that was sent to an agent: it runs on the agent's own dispatcher, and what it writes goes back.</summary>
internal sealed class AgentTask : ITaskListener
{
    private readonly object _lock = new();
    private readonly AgentOutput _output;
    private TaskContext? _attempt;
    private readonly bool _waits;
    private int _isPosted;
    private long _recordCount;
    private long _writtenCount;
    private volatile bool _hasStarted;

    /// <param name="id">Its id at the other end.</param>
    /// <param name="output">Where what it writes goes.</param>
    /// <param name="waits">Whether it goes on only when each record of it was sent: it may end this process, and what it wrote before is to arrive.</param>
    internal AgentTask(long id, AgentOutput output, bool waits)
    {
        Id = id;
        _output = output;
        _waits = waits;
    }

    internal long Id { get; }

    /// <summary>The task of the dispatcher here. Set once, before it is sent to that.</summary>
    internal PSDispatchTask Task { get; set; } = null!; // Whoever makes it sets it.

    internal bool HasStarted => _hasStarted;

    /// <summary>Whether it did not end when asked to, and its code may still run.</summary>
    internal bool IsAbandoned => _attempt?.IsAbandoned == true;

    /// <summary>Whether the other end has been told that it has started, or that it has not. For the thread that writes.</summary>
    internal bool IsAnnounced { get; private set; }

    /// <summary>Whether its end has been written. For the thread that writes.</summary>
    internal bool IsReported { get; set; }

    /// <inheritdoc/>
    bool ITaskListener.WantsEachRecord => _waits;

    /// <inheritdoc/>
    bool ITaskListener.IsOver => false;

    /// <summary>Its body is about to begin.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="waits">Whether it waits until the other end has been told: the task may end this process.</param>
    internal void OnStarted(TaskContext attempt, bool waits)
    {
        _attempt = attempt;
        _hasStarted = true;
        Post();
        if (waits)
        {
            lock (_lock)
            {
                while (!IsAnnounced && _output.IsOpen)
                {
                    Monitor.Wait(_lock);
                }
            }
        }
    }

    /// <summary>The other end has been told.</summary>
    internal void SetAnnounced()
    {
        lock (_lock)
        {
            IsAnnounced = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>What is posted from here on makes it be looked at again.</summary>
    /// <returns>How many records it has at least, for <see cref="SetWritten"/>.</returns>
    /// <remarks>
    /// A full fence: what is read of the task after this must not be read before it. With less, an end was missed once in some
    /// 40,000 tasks.
    /// </remarks>
    internal long Unpost()
    {
        Interlocked.Exchange(ref _isPosted, 0);
        return Interlocked.Read(ref _recordCount);
    }

    /// <summary>So many of its records have been sent.</summary>
    internal void SetWritten(long count)
    {
        if (_writtenCount != count)
        {
            lock (_lock)
            {
                _writtenCount = count;
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Nothing is sent any more: nobody is to wait for it.</summary>
    internal void Release()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    /// <inheritdoc/>
    void ITaskListener.OnRecord(DispatchTask task)
    {
        if (!_waits)
        {
            Post();
            return;
        }

        long count = Interlocked.Increment(ref _recordCount);
        Post();
        lock (_lock)
        {
            while (_writtenCount < count && _output.IsOpen)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    /// <inheritdoc/>
    void ITaskListener.OnEnded(DispatchTask task) => Post();

    private void Post()
    {
        if (Interlocked.Exchange(ref _isPosted, 1) == 0)
        {
            _output.Post(this);
        }
    }
}
