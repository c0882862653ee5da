using System;
using System.Threading;

namespace Dispatching;

/// <summary>
/// One attempt to run a task: what its body sees. Safe to use from any thread; once the attempt has ended, what is
/// written to it is dropped.
/// </summary>
public sealed class TaskContext
{
    // Bytes. An object of this size is what a task makes in passing.
    private const int MemoryProbe = 1_000_000;

    // An AttemptState. It changes by one compare-and-swap each time, so that nothing meant to stop this attempt can land on
    // the next: only whoever changed the state sends a request, or an interrupt.
    private int _state;
    private CancellationTokenSource? _cancellation;
    private volatile IStopHandler? _stopHandler;
    private volatile bool _asked;

    // What it has written and nobody sees before it has ended well. The task's lock on its output guards it.
    internal TaskOutput Held;

    internal TaskContext(TaskRunner runner) => Runner = runner;

    /// <summary>The task.</summary>
    public DispatchTask Task { get; private set; } = null!; // Assigned before anybody else sees the context.

    /// <summary>Which attempt this is, from 1.</summary>
    public int Attempt { get; private set; }

    /// <summary>The host of the worker, where the body is an <see cref="IHostedDispatchable"/>.</summary>
    public IWorkerHost? Host => Runner.Host;

    /// <summary>Cancelled when the task is to stop: at its timeout, or on request.</summary>
    public CancellationToken CancellationToken
    {
        get
        {
            CancellationTokenSource? source = Volatile.Read(ref _cancellation);
            if (source is null)
            {
                var fresh = new CancellationTokenSource();
                source = Interlocked.CompareExchange(ref _cancellation, fresh, null) ?? fresh;
                if (Volatile.Read(ref _state) is not ((int)AttemptState.Running or (int)AttemptState.Ended))
                {
                    source.Cancel();
                }
            }

            return source.Token;
        }
    }

    /// <summary>Whether the attempt has been asked to stop.</summary>
    public bool IsStopRequested => Volatile.Read(ref _state) is (int)AttemptState.TimingOut or (int)AttemptState.Stopping or (int)AttemptState.Abandoned;

    /// <summary>Whether its end is known, and reported by whoever came to know it.</summary>
    internal bool HasEnded => Volatile.Read(ref _state) == (int)AttemptState.Ended;

    /// <summary>Whether it has not stopped in time, and nobody waits for it any more.</summary>
    internal bool IsAbandoned => Volatile.Read(ref _state) == (int)AttemptState.Abandoned;

    /// <summary>Who runs it.</summary>
    internal TaskRunner Runner { get; }

    /// <summary>Whether it was asked to stop, and <see cref="Deadline"/> is the end of its grace. Guarded by the scheduler's lock.</summary>
    internal bool IsInGrace { get; set; }

    /// <summary>Whether its end by force has begun. Used by the alarm's thread alone.</summary>
    internal bool IsForced { get; set; }

    /// <summary>Whether the worker has to open its host first, which does not count for the timeout. Guarded by the scheduler's lock.</summary>
    internal bool AwaitsHost { get; set; }

    /// <summary>Whether it waits for its own dispatcher, and others of its group may run meanwhile. Guarded by the scheduler's lock.</summary>
    internal bool HasGivenPlaceUp { get; set; }

    /// <summary>When to act on this attempt next: its timeout, and once asked to stop, the end of its grace. Guarded by the scheduler's lock.</summary>
    internal long Deadline { get; set; } = Clock.Never;

    /// <summary>Whether another attempt may follow, which is to leave no trace of this one in the output.</summary>
    internal bool HoldsOutput { get; private set; }

    /// <summary>What the task's rule for retries has said; <see langword="null"/> where it was not asked.</summary>
    internal RetryVerdict? Verdict { get; set; }

    /// <summary>Whether it is counted as a start whose time is not known yet. Guarded by the scheduler's lock.</summary>
    internal bool IsOpenStart { get; set; }

    /// <summary>The first record that it has written to the error stream; <see langword="null"/> if there is none.</summary>
    public object? FirstError { get; private set; }

    /// <summary>Whether something that it wrote is in the task's output already. Noted only of one that runs elsewhere. The task's lock on its output guards it.</summary>
    internal bool HasPassedOn { get; set; }

    /// <summary>Whether there was no memory for something that it wrote.</summary>
    internal bool HasLostRecord { get; private set; }

    /// <summary>The next one that its runner runs; once it was abandoned, the next one whose runner is to be told. Guarded by the scheduler's lock.</summary>
    internal TaskContext? Next { get; set; }

    /// <summary>The previous one that its runner runs. Guarded by the scheduler's lock.</summary>
    internal TaskContext? Previous { get; set; }

    /// <summary>The state of the task after a stop that has begun.</summary>
    internal TaskState FinalState { get; private set; }

    internal IStopHandler? StopHandler
    {
        get => _stopHandler;
        set
        {
            _stopHandler = value;

            // Whoever begins a stop looks for a handler after that. One of the two has to see the other.
            Interlocked.MemoryBarrier();

            // A stop that came before there was a handler found none to ask.
            if (IsStopRequested)
            {
                value?.Ask();
            }
        }
    }

    /// <summary>Before the attempt starts, once.</summary>
    internal void Assign(DispatchTask task, int attempt)
    {
        HoldsOutput = attempt - task.RequeueCount <= task.Options.Retries;
        task.Conditions?.Journal?.BeginAttempt();
        Task = task;
        Attempt = attempt;
    }

    /// <summary>Adds a record to what the task has written.</summary>
    /// <returns><see langword="false"/> when the attempt has ended, and the record was dropped.</returns>
    /// <exception cref="OutOfMemoryException">There was no memory for it. The task fails by that, whatever its body makes of it.</exception>
    public bool Write(RecordKind kind, object? value)
    {
        if (kind == RecordKind.Error)
        {
            FirstError ??= value;
        }

        try
        {
            bool isKept = Task.Append(this, new TaskRecord(kind, value));
            if (kind == RecordKind.Output && isKept && Task.Conditions?.Journal is { } journal)
            {
                journal.Add(value);
            }

            return isKept;
        }
        catch (OutOfMemoryException)
        {
            HasLostRecord = true;
            TryFreeMemory();
            throw;
        }
    }

    /// <summary>
    /// The body has run out of memory. Where none is left at all, and not only none for one huge object, the task fails: what
    /// it has written and nobody has received is dropped, so that the process can go on.
    /// </summary>
    /// <returns>Whether none was left. The body is to end then.</returns>
    internal bool TryFreeMemory()
    {
        try
        {
            GC.KeepAlive(new byte[MemoryProbe]);
            return false;
        }
        catch (OutOfMemoryException)
        {
            HasLostRecord = true;
            Task.DropRecords(this);
            return true;
        }
    }

    /// <summary>See <see cref="DispatchTask.ReserveForHeld"/>.</summary>
    internal void ReserveForHeld()
    {
        if (HoldsOutput)
        {
            Task.ReserveForHeld(this);
        }
    }

    /// <summary>There was no memory to keep what it has held back. Under the task's lock on its output.</summary>
    internal void DropHeld()
    {
        Held.Drop();
        HasLostRecord = true;
    }

    /// <summary>Sets <see cref="DispatchTask.ExitCode"/>.</summary>
    public void SetExitCode(int exitCode)
    {
        if (Volatile.Read(ref _state) is not ((int)AttemptState.Ended or (int)AttemptState.Abandoned))
        {
            Task.SetExitCode(exitCode);
        }
    }

    /// <summary>Warns, once a task, of much output that is held back for now.</summary>
    internal void WarnOfLargeOutput() => Task.WarnOfLargeOutput(this);

    /// <summary>The body has returned. Tells how it ended: by itself, asked to, or too late.</summary>
    internal AttemptState End()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state == (int)AttemptState.Abandoned || Interlocked.CompareExchange(ref _state, (int)AttemptState.Ended, state) == state)
            {
                return (AttemptState)state;
            }
        }
    }

    /// <summary>Begins a stop. Only the caller that gets <see langword="true"/> may go on to ask.</summary>
    internal bool TryBeginStop(TaskState finalState)
    {
        AttemptState state = finalState == TaskState.TimedOut ? AttemptState.TimingOut : AttemptState.Stopping;
        if (Interlocked.CompareExchange(ref _state, (int)state, (int)AttemptState.Running) != (int)AttemptState.Running)
        {
            return false;
        }

        FinalState = finalState;
        return true;
    }

    /// <summary>Abandons an attempt that was asked to stop and has not ended. The caller that gets <see langword="true"/> may interrupt its thread.</summary>
    internal bool TryAbandon()
    {
        int state = Volatile.Read(ref _state);
        return state is (int)AttemptState.TimingOut or (int)AttemptState.Stopping
            && Interlocked.CompareExchange(ref _state, (int)AttemptState.Abandoned, state) == state;
    }

    /// <summary>Asks the body to stop, in every way that it may listen to. Does not block. Only after <see cref="TryBeginStop"/>.</summary>
    internal void Ask()
    {
        try
        {
            AskAll();
        }
        catch (OutOfMemoryException)
        {
            // The end of the grace has to do.
        }
        finally
        {
            _asked = true;
        }
    }

    /// <summary>
    /// Lets a worker whose task is being stopped go on only when the request has been made, or it might reach
    /// the worker's next task.
    /// </summary>
    internal void WaitUntilAsked()
    {
        var spin = default(SpinWait);
        while (!_asked)
        {
            try
            {
                spin.SpinOnce();
            }
            catch (ThreadInterruptedException)
            {
                // The body left it behind; a longer spin sleeps.
            }
        }
    }

    private void AskAll()
    {
        if (Volatile.Read(ref _cancellation) is { } cancellation)
        {
            // Callbacks on the token are user code, and may block: they get a thread of their own.
            // Where there is none to be had, the end of the grace has to do.
            BackgroundThread.TryStart("Dispatcher stop", () => Cancel(cancellation));
        }

        _stopHandler?.Ask();
        if (Task.Body is IHostedDispatchable || Runner.ComputerName is not null)
        {
            Runner.RequestHostStop(this);
        }
    }

    private static void Cancel(CancellationTokenSource cancellation)
    {
        try
        {
            cancellation.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of the body failed. The stop goes on; nobody is left to be told.
        }
    }
}
