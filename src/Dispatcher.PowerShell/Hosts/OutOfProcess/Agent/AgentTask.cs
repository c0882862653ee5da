using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>A task that was sent to an agent: it runs on the agent's own dispatcher, and what it writes goes back.</summary>
internal sealed class AgentTask : ITaskListener
{
    private readonly object _lock = new();
    private readonly AgentOutput _output;
    private TaskContext? _attempt;
    private int _isPosted;
    private volatile bool _hasStarted;

    /// <param name="id">Its id at the other end.</param>
    /// <param name="output">Where what it writes goes.</param>
    internal AgentTask(long id, AgentOutput output)
    {
        Id = id;
        _output = output;
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
    bool ITaskListener.WantsEachRecord => false;

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
                while (!IsAnnounced)
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
    /// <remarks>
    /// A full fence: what is read of the task after this must not be read before it. With less, an end was missed once in some
    /// 40,000 tasks.
    /// </remarks>
    internal void Unpost() => Interlocked.Exchange(ref _isPosted, 0);

    /// <inheritdoc/>
    void ITaskListener.OnRecord(DispatchTask task) => Post();

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
