using System;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A thread that runs one task after the other, and the host it runs them through. It belongs to one scheduler, which
/// hands it tasks and lets it go when it is idle; one that was abandoned ends as soon as its last task lets it.
/// </summary>
internal sealed class Worker : TaskRunner, IClaimingLoop
{
    // As PowerShell gives its own pipeline threads: scripts recurse deeply.
    private const int StackSize = 10_000_000;

    private readonly IWorkerScheduler _scheduler;
    private readonly BackgroundThread _thread;
    private readonly WorkerSignal _signal = new();
    private ITaskClaims? _claims;
    private TaskContext? _next;
    private TaskContext? _spare;
    private bool _ends;
    private volatile bool _leaves;
    private volatile IWorkerHost? _host;

    internal Worker(ITaskOwner owner, IWorkerScheduler scheduler, int number)
        : base(owner, number)
    {
        _scheduler = scheduler;
        _thread = new BackgroundThread(owner.Name + " worker " + number, Main, StackSize);
    }

    internal override IWorkerHost? Host => _host;

    internal override bool HoldsPlace => IsInPool;

    internal override DispatchTask? CurrentTask => _next?.Task;

    // All states below belong to the WorkerPool, and are guarded by the scheduler's lock.

    /// <summary>Whether its thread has yet to come for its first task.</summary>
    internal bool IsStarting { get; set; } = true;

    /// <summary>Whether its thread has yet to be started.</summary>
    internal bool IsUnstarted { get; set; } = true;

    /// <summary>Whether it waits to be woken for a task.</summary>
    internal bool IsIdle { get; set; }

    /// <summary>Whether it was idle, was woken, and has yet to come for a task.</summary>
    internal bool IsCalled { get; set; }

    /// <summary>How many waits of its task are blocked on this very scheduler, and so let the pool have one more.</summary>
    internal int BlockedCount { get; set; }

    /// <summary>Whether it left the pool in order, and the end of its thread is waited for.</summary>
    internal bool IsExiting { get; set; }

    /// <summary>When that end is waited for no longer.</summary>
    internal long ExitDeadline { get; set; }

    /// <summary>Whether it still belongs to the pool.</summary>
    internal bool IsInPool { get; set; } = true;

    /// <inheritdoc/>
    public ITaskClaims Claims => _claims ??= _scheduler.GetClaims(this);

    /// <returns><see langword="false"/> if there is no thread to be had.</returns>
    internal bool TryStart() => _thread.TryStart();

    /// <inheritdoc/>
    public void Leave()
    {
        _leaves = true;
        Wake();
    }

    /// <summary>Has an idle worker come for a task, or for its end.</summary>
    internal override void Wake() => _signal.Wake();

    internal override void Recall(DispatchTask task) => Guard(host => (host as IClaimingHost)?.Recall(task));

    internal override void AbandonTask()
    {
        if (_next is { } context)
        {
            _scheduler.AbandonCurrent(context);
        }
    }

    internal override void OnAbandoned(TaskContext attempt)
    {
        if (!_thread.IsCurrent)
        {
            Guard(host => host.ForceStop());
            _thread.Interrupt();
        }
    }

    internal override void RequestHostStop(TaskContext attempt) => Guard(host => host.RequestStop());

    /// <summary>Makes the context of the next attempt, before the lock is taken.</summary>
    internal void PrepareContext() => _spare ??= new TaskContext(this);

    /// <summary>Hands out what <see cref="PrepareContext"/> has made.</summary>
    internal TaskContext TakeContext()
    {
        TaskContext context = _spare ?? new TaskContext(this);
        _spare = null;
        return context;
    }

    /// <inheritdoc/>
    public void RunTasks()
    {
        if (_next is { } first)
        {
            _scheduler.StartTimeout(first);
        }

        // After a stop the host has to be left, for it was told to end, before anything else runs in it.
        while (_next is { } context && _host?.CanRunTasks == true && RunOne(context) == AttemptState.Running)
        {
        }
    }

    private void Main()
    {
        Current = this;
        try
        {
            while (!_ends)
            {
                if (_next is not { } context)
                {
                    Take(finished: null, error: null);
                }
                else if (context.Task.Body is IHostedDispatchable)
                {
                    RunHost(context);
                }
                else
                {
                    RunOne(context);
                }
            }
        }
        finally
        {
            DisposeHost();
            Ignore(DisposeResource);
            _scheduler.OnExited(this);
        }
    }

    private AttemptState RunOne(TaskContext context)
    {
        Exception? error = null;
        if (!context.IsStopRequested)
        {
            try
            {
                context.Task.Body.Execute(context);
                if (!context.HasEnded)
                {
                    context.Task.Conditions?.Journal?.CompleteOutput();
                }
            }
            catch (Exception e)
            {
                // Whatever a body throws is its task's error, and no reason for the worker to end.
                error = context.HasEnded ? null : RetryPolicy.Judge(context, e);
            }

            // Not after every body: it costs some 300 ns, which is as much as all the rest of a task that does nothing.
            if (context.Task.Body is IHostedDispatchable)
            {
                InterruptSafe.Clear();
            }
        }

        AttemptState state = context.End();
        Report(context, state, error);
        return state;
    }

    private void RunHost(TaskContext first)
    {
        bool usable = false;
        Exception? error = null;
        try
        {
            _host ??= _scheduler.CreateHost();
            usable = _host.Run(this);
        }
        catch (Exception e)
        {
            error = e;
        }

        _leaves = false;

        // Before the next task is taken: it has to know whether it will wait for a host to open.
        bool isUnrun = ReferenceEquals(_next, first);
        AttemptState state = AttemptState.Ended;
        if (isUnrun)
        {
            error = RetryPolicy.Judge(first, error ?? new InvalidOperationException("The worker's host ended before it came to the task."));
            state = first.End();
        }

        if (!usable)
        {
            DisposeHost();
        }

        if (isUnrun)
        {
            Report(first, state, error);
        }
    }

    /// <summary>Reports a task whose body has returned.</summary>
    private void Report(TaskContext context, AttemptState state, Exception? error)
    {
        _next = null;
        switch (state)
        {
            case AttemptState.Running:
                Take(context, error ?? (context.Task.Conditions is null ? null : _scheduler.Record(context)));
                break;
            case AttemptState.Ended:
                Take(finished: null, error: null); // Its host has reported it.
                break;
            case AttemptState.Abandoned:
                _ends = true;
                break;
            default:
                CompleteStopped(context, state);
                break;
        }
    }

    private void CompleteStopped(TaskContext context, AttemptState state)
    {
        try
        {
            _scheduler.CompleteStopped(context, state);
        }
        catch (Exception e)
        {
            Retire(e);
        }
    }

    /// <summary>A step of the worker's own has failed, for want of memory as a rule. What it runs fails by that, and the worker ends.</summary>
    private void Retire(Exception error)
    {
        _ends = true;
        _next = null;
        _scheduler.CompleteBroken(this, error is OutOfMemoryException ? NoMemory : error);
    }

    /// <summary>Reports a finished task, and takes the next one or the end.</summary>
    private void Take(TaskContext? finished, Exception? error)
    {
        try
        {
            while (!_scheduler.CompleteAndTakeNext(this, finished, error, out _next))
            {
                finished = null;
                error = null;
                _signal.Wait();
                if (_leaves && _host is not null)
                {
                    return; // It comes back for a task once it is out of its host.
                }
            }

            _ends = _next is null;
        }
        catch (Exception e)
        {
            Retire(e);
        }
    }

    private void DisposeHost()
    {
        IWorkerHost? host = _host;
        _host = null;
        for (int attempt = 0; host is not null && attempt < 2; attempt++)
        {
            try
            {
                host.Dispose();
                return;
            }
            catch (ThreadInterruptedException)
            {
                // The interrupt was meant for the stuck task, and is used up now.
            }
            catch (Exception)
            {
                // A host that cannot even close is lost; its worker still has to end in order.
                return;
            }
        }
    }

    private static void Ignore(Action action)
    {
        try
        {
            action();
        }
        catch (Exception)
        {
            // What cannot be closed is lost; the end of the worker has to be reported all the same.
        }
    }

    private void Guard(Action<IWorkerHost> action)
    {
        try
        {
            if (_host is { } host)
            {
                action(host);
            }
        }
        catch (Exception)
        {
            // The host may be closing on its own thread. The interrupt that follows does not need its help.
        }
    }
}
