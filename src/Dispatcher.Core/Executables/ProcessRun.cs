using System;
using System.Threading;

namespace Dispatching;

/// <summary>One started executable, from its start until nothing of it is left.</summary>
internal sealed class ProcessRun : IStopHandler, IExitParticipant, IDisposable
{
    // Normally all that it started ends with it, or just after. When it does not, somebody has been left behind.
    private static readonly TimeSpan s_endOfRest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_endByForce = TimeSpan.FromMilliseconds(500);

    private readonly ChildProcess _process;
    private readonly ProcessTree _tree;
    private readonly TaskContext _context;
    private readonly bool _keepsChildren;
    private readonly ManualResetEventSlim _ended = new();
    private bool _isDone;
    private int _hasReported;

    internal ProcessRun(ChildProcess process, ProcessPlan plan, TaskContext context)
    {
        _process = process;
        _context = context;
        _keepsChildren = plan.Options.KeepChildren;
        _tree = new ProcessTree(process, plan.Marker);
    }

    private TimeSpan Grace => _context.Task.Owner?.StopGrace ?? TimeSpan.Zero;

    /// <summary>Blocks until it has ended, and what it left behind as well, unless that is to be kept.</summary>
    /// <returns>How it ended; <see langword="null"/> if it was abandoned because nothing could end it.</returns>
    internal ExitStatus? WaitForEnd()
    {
        // Not before: what fails from here on ends in Dispose, which kills.
        ProcessExit.Add(this);
        _context.StopHandler = this;
        if (_context.IsAbandoned)
        {
            // It was abandoned before there was anything that could use force.
            _tree.Kill();
        }

        if (!_process.WaitForExit())
        {
            _process.EndStreams();
            return null;
        }

        bool leavesRest = _keepsChildren && !_context.IsStopRequested;
        if (!_process.WaitForRest(s_endOfRest, streamsOnly: leavesRest) && !leavesRest)
        {
            EndRest();
        }

        _process.EndStreams();
        ExitStatus status = _tree.ReapRoot();
        if (!leavesRest && _tree.HasRest())
        {
            _tree.Terminate();
            _tree.WaitForAsked(Grace);
            Kill();
        }

        _isDone = true;
        return status;
    }

    /// <inheritdoc/>
    public void Ask()
    {
        if (!BackgroundThread.TryStart("Dispatcher stop", _tree.Terminate, BackgroundThread.SmallStack))
        {
            _tree.Terminate();
        }
    }

    /// <inheritdoc/>
    public void Force()
    {
        Kill();
        if (!_ended.Wait(s_endByForce))
        {
            _process.Abandon();
            _ended.Wait(s_endByForce);
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _hasReported, 1) == 0)
        {
            _context.Write(RecordKind.Error, new ProcessesLeftException());
        }
    }

    /// <inheritdoc/>
    public void OnProcessExit() => _tree.Kill();

    /// <inheritdoc/>
    public void Dispose()
    {
        ProcessExit.Remove(this);
        try
        {
            if (_context.IsStopRequested || !_isDone)
            {
                // In a stop the main process has ended; those that ignored the request may not have. Where the wait itself
                // has failed, nothing has.
                Kill();
            }
        }
        finally
        {
            _context.StopHandler = null;
            InterruptSafe.Set(_ended);
        }
    }

    /// <summary>Kills them, and has the task say so, once, when some are left.</summary>
    private void Kill()
    {
        int left = _tree.Kill() ? _tree.CountLeft(s_endByForce) : 0;
        if (left > 0 && Interlocked.Exchange(ref _hasReported, 1) == 0)
        {
            _context.Write(RecordKind.Error, new ProcessesLeftException(left));
        }
    }

    /// <summary>Asks, waits, and kills. In a stop, which has asked already, the force may come before the end of this grace.</summary>
    private void EndRest()
    {
        _tree.Terminate();
        if (!_process.WaitForRest(Grace, streamsOnly: false))
        {
            Kill();
            _process.WaitForRest(s_endByForce, streamsOnly: false);
        }
    }
}
