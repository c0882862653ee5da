using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Sends the tasks of a cmdlet to a dispatcher, and writes what stands in the way as its errors.</summary>
internal sealed class TaskSender
{
    private readonly DispatcherCmdlet _cmdlet;
    private readonly Dispatcher _dispatcher;

    internal TaskSender(DispatcherCmdlet cmdlet, Dispatcher dispatcher)
    {
        _cmdlet = cmdlet;
        _dispatcher = dispatcher;
    }

    /// <summary>Sends a task, and waits for room in the queue where that is how the dispatcher works. Not accepted is an error.</summary>
    internal bool TrySend(DispatchTask task)
    {
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
}
