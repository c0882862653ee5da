using System;
using System.Collections.Generic;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Runs the tasks of a dispatcher without workers one after the other, on the thread of the cmdlet that has sent them. So all
/// else is as ever: attempts, limits of failures, output, state.
/// </summary>
internal sealed class SerialRunner : TaskRunner, IDisposable
{
    // Not TaskRunner.Current: a task that waited for its own dispatcher would wait for its own thread.
    [ThreadStatic]
    private static SerialRunner? s_innermost;

    private readonly Dispatcher _dispatcher;
    private readonly SerialHost _host;
    private readonly ManualResetEventSlim _wake = new();
    private readonly List<TaskContext> _attempts = new(1);
    private SerialRunner? _outer;

    internal SerialRunner(Dispatcher dispatcher, SerialHost host)
        : base(dispatcher.Scheduler, number: 1)
    {
        _dispatcher = dispatcher;
        _host = host;
    }

    /// <inheritdoc/>
    internal override bool HoldsPlace => true;

    /// <inheritdoc/>
    internal override IWorkerHost Host => _host;

    /// <summary>Whether a task of this dispatcher is on the stack of this thread, and goes on only when the caller returns.</summary>
    internal static bool IsOnThisThread(Dispatcher dispatcher)
    {
        for (SerialRunner? runner = s_innermost; runner is not null; runner = runner._outer)
        {
            if (ReferenceEquals(runner._dispatcher, dispatcher))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs what is pending, further attempts included, until there is nothing left.</summary>
    /// <exception cref="OperationCanceledException">The cmdlet is stopped.</exception>
    internal void RunAll(CancellationToken cancellationToken)
    {
        while (_dispatcher.Statistics.Pending > 0)
        {
            _wake.Reset();
            _attempts.Clear();
            _dispatcher.Scheduler.Handout.Take(this, max: 1, _attempts);
            if (_attempts.Count > 0)
            {
                Run(_attempts[0], cancellationToken);
            }
            else
            {
                // For a delay, the wait before another attempt, or what it depends on. A task that this runs in may wait for
                // its own dispatcher.
                using BlockedScope? blocked = BlockedScope.For(_dispatcher.GetTasks());
                _wake.Wait(cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DisposeResource();
        _wake.Dispose();
    }

    /// <inheritdoc/>
    internal override void Wake() => _wake.Set();

    /// <inheritdoc/>
    internal override void RequestHostStop(TaskContext attempt)
    {
        // The code runs in the caller's own session, which only the caller can stop.
    }

    /// <inheritdoc/>
    internal override void OnAbandoned(TaskContext attempt)
    {
        // Nothing is abandoned here: the code has the time it takes.
    }

    /// <inheritdoc/>
    internal override void AbandonTask()
    {
        // A task does not outlive the thread of the cmdlet.
    }

    private void Run(TaskContext attempt, CancellationToken cancellationToken)
    {
        Exception? error = null;
        _outer = s_innermost;
        s_innermost = this;
        using (cancellationToken.Register(() => attempt.Task.Stop()))
        {
            try
            {
                attempt.Task.Body.Execute(attempt);
            }
            catch (Exception e)
            {
                // Whatever it throws is its task's error.
                error = e;
            }
            finally
            {
                s_innermost = _outer;
            }
        }

        _dispatcher.Scheduler.Handout.Complete(attempt, error);
    }
}
