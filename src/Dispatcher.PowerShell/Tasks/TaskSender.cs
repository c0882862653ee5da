using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Sends the tasks of a cmdlet to a dispatcher, and writes what stands in the way as its errors.</summary>
internal sealed class TaskSender
{
    private readonly DispatcherCmdlet _cmdlet;
    private readonly Dispatcher _dispatcher;
    private bool _hasWarned;

    internal TaskSender(DispatcherCmdlet cmdlet, Dispatcher dispatcher)
    {
        _cmdlet = cmdlet;
        _dispatcher = dispatcher;
    }

    /// <summary>Sends a task, and waits for room in the queue where that is how the dispatcher works. Not accepted is an error.</summary>
    internal bool TrySend(DispatchTask task)
    {
        WarnOfSuspension();
        try
        {
            if (_cmdlet.Block(token => _dispatcher.Send(task, token)))
            {
                return true;
            }
        }
        catch (ObjectDisposedException)
        {
            _cmdlet.ThrowTerminatingError(CmdletErrors.Removed(_dispatcher));
        }
        catch (DispatcherHaltedException e)
        {
            _cmdlet.Terminate(e, ErrorIds.DispatcherHalted, ErrorCategory.LimitsExceeded, _dispatcher);
        }
        catch (InvalidOperationException e)
        {
            _cmdlet.Terminate(e, ErrorIds.QueueFullNotRunning, ErrorCategory.InvalidOperation, _dispatcher);
        }

        _cmdlet.WriteError(new ErrorRecord(
            new InvalidOperationException("The queue of dispatcher '" + _dispatcher.Name + "' is full (" + _dispatcher.QueueSize + " tasks), and its QueueFullMode is Reject: the task was not accepted. Send it again later, or make the queue larger with Set-Dispatcher -QueueSize."),
            ErrorIds.QueueFull,
            ErrorCategory.LimitsExceeded,
            task.InputObject ?? task));
        return false;
    }

    private void WarnOfSuspension()
    {
        if (!_hasWarned && _dispatcher.IsSuspended && _dispatcher.QueueFullMode == QueueFullMode.Wait && _dispatcher.Statistics.Pending >= _dispatcher.QueueSize)
        {
            _hasWarned = true;
            _cmdlet.WriteWarning("The queue of dispatcher '" + _dispatcher.Name + "' is full, and the dispatcher is suspended: this waits until Resume-Dispatcher.");
        }
    }
}
