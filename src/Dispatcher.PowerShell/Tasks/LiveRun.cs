using System;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Tasks whose output the cmdlet writes while it sends them, until all have ended.</summary>
internal sealed class LiveRun : ITaskRun
{
    private readonly DispatcherCmdlet _cmdlet;
    private readonly InvokeTarget _target;
    private readonly TaskSender _sender;
    private readonly CmdletRecordSink _sink;
    private readonly TaskStream _stream;
    private readonly int _ownCapacity;
    private readonly SerialRunner? _serial;
    private bool _isDone;

    /// <param name="cmdlet">Where the output goes.</param>
    /// <param name="target">The dispatcher.</param>
    /// <param name="ordered">Whether the output comes in the order of the tasks.</param>
    /// <param name="withTask">Whether output objects name their task.</param>
    /// <param name="serial">Runs the tasks on this thread; <see langword="null"/> where workers do.</param>
    internal LiveRun(DispatcherCmdlet cmdlet, InvokeTarget target, bool ordered, bool withTask, SerialRunner? serial = null)
    {
        _serial = serial;
        _cmdlet = cmdlet;
        _target = target;
        _sender = new TaskSender(cmdlet, target.Dispatcher);
        _ownCapacity = GetCapacity(target.Dispatcher);
        _sink = new CmdletRecordSink(cmdlet, withTask) { EndsOnSetupFailure = target.IsOwn };
        _stream = new TaskStream(_sink, cmdlet.Block, ordered, keep: false);
        _stream.ShowProgress(_sink.StartProgress);
        _stream.ShowNotices(cmdlet);
    }

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        if (_target.Dispatcher.HaltReason is not null)
        {
            EndHalted(unsent: 1);
        }

        // While there is no room, what the tasks write is written: this thread has nothing else to do. In order, those
        // held back for an earlier one count as well, or a slow task would let them pile up behind it.
        if (_target.IsOwn)
        {
            AddToOwn(task);
        }
        else
        {
            AddToShared(task);
        }

        if (_serial is not null)
        {
            _cmdlet.Block(token => _serial.RunAll(token));
        }

        _stream.Pump();
    }

    /// <inheritdoc/>
    public void Pump() => _stream.Pump();

    /// <inheritdoc/>
    public void Complete()
    {
        Finish();
        if (_target.Own?.HaltReason is not null)
        {
            EndHalted(unsent: 0);
        }

        if (_target.Dispatcher.IsDisposed && _stream.HasStopped)
        {
            _cmdlet.ThrowTerminatingError(CmdletErrors.RemovedMeanwhile(_target.Dispatcher, _target.IsOwn));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_target.IsOwn && !_isDone)
        {
            // Stopped before its end, and nobody else waits for these tasks.
            Array.ForEach(_stream.Running, task => task.Stop());
        }

        _serial?.Dispose();
        _stream.Dispose();
        _sink.Abandon();
    }

    private static int GetCapacity(Dispatcher dispatcher) => (int)Math.Min(int.MaxValue, (long)dispatcher.QueueSize + dispatcher.MaxWorkers);

    private void Finish()
    {
        _target.CompleteInput();
        _stream.CompleteAdding();
        _stream.Pump(Timeout.InfiniteTimeSpan);
        _isDone = true;
        _sink.End();
        if (_target.Own is { } own)
        {
            _cmdlet.Block(token => own.Quit(drain: true, Timeout.InfiniteTimeSpan, token));
            _cmdlet.WarnOfLog(own);
        }
    }

    /// <summary>The dispatcher has had too many failures, or too much time: what still runs ends, and the cmdlet reads no more input.</summary>
    private void EndHalted(int unsent)
    {
        if (!_isDone)
        {
            Finish();
        }

        _cmdlet.ThrowTerminatingError(CmdletErrors.Halted(_target.Dispatcher, unsent));
    }

    private void AddToOwn(DispatchTask task)
    {
        try
        {
            while (_stream.OpenCount >= _ownCapacity || !_target.Dispatcher.TryDispatch(task))
            {
                _stream.PumpNext(Timeout.InfiniteTimeSpan);
            }
        }
        catch (DispatcherHaltedException)
        {
            EndHalted(unsent: 1);
        }
        catch (ObjectDisposedException)
        {
            Finish();
            _cmdlet.ThrowTerminatingError(CmdletErrors.RemovedMeanwhile(_target.Dispatcher, isOwn: true));
        }

        _stream.Add(task);
    }

    private void AddToShared(DispatchTask task)
    {
        // Set-Dispatcher may have changed it since the task before.
        int capacity = GetCapacity(_target.Dispatcher);
        while (_stream.OpenCount >= capacity && _stream.PumpNext(Timeout.InfiniteTimeSpan))
        {
        }

        if (_sender.TrySend(task))
        {
            _stream.Add(task);
        }
    }
}
