using System;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A thread that runs one task after the other, and the host it runs them through. It belongs to one dispatcher, which
/// hands it tasks, and retires it when it is idle; given up, it ends as soon as its last task lets it.
/// </summary>
internal sealed class Worker : IWorkerLoop
{
    // As PowerShell gives its own pipeline threads: scripts recurse deeply.
    private const int StackSize = 10_000_000;

    // Before it sleeps, an idle worker looks out for some 10 µs. Where one thread sends tasks that do nothing to one
    // worker, that takes them from 530-770 ns each to 400-570: nobody has to be put to sleep and woken.
    private const int SpinTurns = 10;
    private const int SpinTurn = 20;

    private const int Awake = 0;
    private const int Parked = 1;
    private const int Woken = 2;

    [ThreadStatic]
    private static Worker? s_current;

    private readonly object _parking = new();
    private readonly Dispatcher _dispatcher;
    private readonly BackgroundThread _thread;

    // Made beforehand: there may be no memory for it when it is needed.
    private readonly InsufficientMemoryException _noMemory = new("There was not enough memory for the task. What it had written may have been dropped.");
    private TaskContext? _next;
    private TaskContext? _spare;
    private int _wake;
    private bool _ends;
    private volatile bool _leaves;
    private volatile IWorkerHost? _host;

    internal Worker(Dispatcher dispatcher, int number)
    {
        _dispatcher = dispatcher;
        Number = number;
        _thread = new BackgroundThread(dispatcher.Name + " worker " + number, Main, StackSize);
    }

    /// <summary>The worker that runs on this thread.</summary>
    internal static Worker? Current => s_current;

    internal int Number { get; }

    internal Dispatcher Dispatcher => _dispatcher;

    internal IWorkerHost? Host => _host;

    /// <summary>What ends a task where there is no memory for an exception of its own.</summary>
    internal Exception NoMemory => _noMemory;

    /// <summary>What it runs. Under the lock.</summary>
    internal TaskContext? Running { get; set; }

    /// <summary>How many attempts it has started. Under the lock.</summary>
    internal int StartedCount { get; set; }

    /// <summary>Whether its thread has yet to come for its first task. Under the lock.</summary>
    internal bool IsStarting { get; set; } = true;

    /// <summary>Whether its thread has yet to be started. Under the lock.</summary>
    internal bool IsUnstarted { get; set; } = true;

    /// <summary>Whether it waits to be handed a task. Under the lock.</summary>
    internal bool IsIdle { get; set; }

    /// <summary>How many of its waits have lent its place. Under the lock.</summary>
    internal int BlockedCount { get; set; }

    /// <summary>Once <see cref="IsExiting"/>: when its end is waited for no longer. Under the lock.</summary>
    internal long ExitDeadline { get; set; }

    /// <summary>Whether it was idle, was woken, and has yet to come for a task. Under the lock.</summary>
    internal bool IsCalled { get; set; }

    /// <summary>Whether it left the pool in order, and its end is waited for. Under the lock.</summary>
    internal bool IsExiting { get; set; }

    /// <summary>Whether it still belongs to the pool. Under the lock.</summary>
    internal bool IsInPool { get; set; } = true;

    /// <summary>Threads and pipes for executables, made by the first one that this worker runs.</summary>
    internal ProcessPipes? Pipes { get; set; }

    /// <summary>In the place of those, on Linux.</summary>
    internal ProcessWaiter? Waiter { get; set; }

    internal bool IsCurrent => _thread.IsCurrent;

    /// <returns><see langword="false"/> if there is no thread to be had.</returns>
    internal bool TryStart() => _thread.TryStart();

    internal void Interrupt() => _thread.Interrupt();

    /// <inheritdoc/>
    public void Leave()
    {
        _leaves = true;
        Wake();
    }

    /// <summary>Called on its own thread, which will not go back to the task that it runs: ends that as stopped.</summary>
    internal void AbandonTask()
    {
        if (_next is { } context)
        {
            _dispatcher.Abandon(context);
        }
    }

    /// <summary>Has an idle worker look for a task, or for its end.</summary>
    internal void Wake()
    {
        if (Interlocked.Exchange(ref _wake, Woken) == Parked)
        {
            InterruptSafe.Enter(_parking);
            Monitor.Pulse(_parking);
            Monitor.Exit(_parking);
        }
    }

    /// <summary>Makes the context of the next attempt, outside of the lock.</summary>
    internal void PrepareContext() => _spare ??= new TaskContext(this);

    /// <summary>Under the lock, after <see cref="PrepareContext"/>.</summary>
    internal TaskContext TakeContext(DispatchTask task, int attempt)
    {
        TaskContext context = _spare ?? new TaskContext(this);
        _spare = null;
        context.Assign(task, attempt);
        return context;
    }

    internal void RequestHostStop() => Guard(host => host.RequestStop());

    internal void ForceHostStop() => Guard(host => host.ForceStop());

    /// <inheritdoc/>
    public void RunTasks()
    {
        if (_next is { } first)
        {
            _dispatcher.StartLimit(first);
        }

        // After a stop the host has to be left, for it was told to end, before anything else runs in it.
        while (_next is { } context && _host?.CanRunTasks == true && RunOne(context) == AttemptState.Running)
        {
        }
    }

    private void Main()
    {
        s_current = this;
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
            DisposePipes();
            _dispatcher.OnExited(this);
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
            }
            catch (Exception e)
            {
                // Whatever a body throws is its task's error, and no reason for the worker to end.
                error = e;
            }

            // Not after every body: it costs some 300 ns, which is as much as all the rest of a task that does nothing.
            if (context.Task.Body is IHostedDispatchable)
            {
                InterruptSafe.Clear();
            }
        }

        AttemptState claim = context.End();
        Settle(context, claim, error);
        return claim;
    }

    private void RunHost(TaskContext first)
    {
        bool usable = false;
        Exception? error = null;
        try
        {
            _host ??= _dispatcher.CreateHost();
            usable = _host.Run(this);
        }
        catch (Exception e)
        {
            error = e;
        }

        _leaves = false;

        // Before the next task is taken: it has to know whether it will wait for a host to open.
        bool isUnrun = ReferenceEquals(_next, first);
        AttemptState claim = isUnrun ? first.End() : AttemptState.Ended;
        if (!usable)
        {
            DisposeHost();
        }

        if (isUnrun)
        {
            Settle(first, claim, error ?? new InvalidOperationException("The worker's host ended before it came to the task."));
        }
    }

    /// <summary>Reports a task whose body has returned.</summary>
    private void Settle(TaskContext context, AttemptState claim, Exception? error)
    {
        _next = null;
        switch (claim)
        {
            case AttemptState.Running:
                Take(context, error);
                break;
            case AttemptState.Abandoned:
                _ends = true;
                break;
            default:
                EndStopped(context, claim);
                break;
        }
    }

    private void EndStopped(TaskContext context, AttemptState claim)
    {
        try
        {
            _dispatcher.EndStopped(context, claim);
        }
        catch (Exception e)
        {
            Retire(e);
        }
    }

    /// <summary>A step of the worker's own has failed, for want of memory as a rule. What it runs fails by that, and it goes.</summary>
    private void Retire(Exception error)
    {
        _ends = true;
        _next = null;
        _dispatcher.EndBroken(this, error is OutOfMemoryException ? _noMemory : error);
    }

    /// <summary>Hands in a finished task, and gets the next or the end.</summary>
    private void Take(TaskContext? finished, Exception? error)
    {
        try
        {
            while (!_dispatcher.TryAdvance(this, finished, error, out _next))
            {
                finished = null;
                error = null;
                WaitUntilWoken();
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

    private void WaitUntilWoken()
    {
        for (int turn = 0; turn < SpinTurns && Volatile.Read(ref _wake) != Woken; turn++)
        {
            Thread.SpinWait(SpinTurn);
        }

        if (Interlocked.CompareExchange(ref _wake, Parked, Awake) == Awake)
        {
            Park();
        }

        Volatile.Write(ref _wake, Awake);
    }

    private void Park()
    {
        InterruptSafe.Enter(_parking);
        try
        {
            while (Volatile.Read(ref _wake) != Woken)
            {
                InterruptSafe.Wait(_parking);
            }
        }
        finally
        {
            Monitor.Exit(_parking);
        }
    }

    private void DisposePipes()
    {
        try
        {
            Pipes?.Dispose();
            Waiter?.Dispose();
        }
        catch (Exception)
        {
            // What cannot be closed is lost; the end of the worker has to be told all the same.
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
                // A host that cannot even close is lost; its worker still has to go in peace.
                return;
            }
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
