using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Errors of cmdlets, in one form: an exception, an id, a category, and the object that it is about.</summary>
internal static class CmdletErrors
{
    [DoesNotReturn]
    internal static void Terminate(this Cmdlet cmdlet, Exception exception, string errorId, ErrorCategory category, object? target)
    {
        cmdlet.ThrowTerminatingError(new ErrorRecord(exception, errorId, category, target));
        throw exception; // Not reached.
    }

    /// <summary>Ends the cmdlet with an error from below it: as it is where it has an id of its own, otherwise with this id.</summary>
    [DoesNotReturn]
    internal static void Terminate(this Cmdlet cmdlet, RuntimeException exception, string errorId, object? target)
    {
        cmdlet.ThrowTerminatingError(exception is CallerErrorException known
            ? known.ErrorRecord
            : new ErrorRecord(exception, exception is BoundScriptBlockException ? ErrorIds.ScriptBlockIsBound : errorId, ErrorCategory.InvalidArgument, target));
        throw exception; // Not reached.
    }

    /// <summary>Ends the cmdlet because of a parameter that would do nothing. The message says what to do about it.</summary>
    [DoesNotReturn]
    internal static void RefuseWithoutEffect(this Cmdlet cmdlet, string message, object? value) =>
        cmdlet.Terminate(new PSArgumentException(message), ErrorIds.ParameterHasNoEffect, ErrorCategory.InvalidArgument, value);

    /// <summary>The error of a dispatcher that has halted: why, and what was not run.</summary>
    internal static ErrorRecord Halted(Dispatcher dispatcher, int unsent)
    {
        DispatcherHaltedException reason = dispatcher.HaltReason ?? throw new InvalidOperationException("The dispatcher has not halted.");
        return new ErrorRecord(reason, ErrorIds.DispatcherHalted, ErrorCategory.LimitsExceeded, dispatcher)
        {
            ErrorDetails = new ErrorDetails(string.Format(
                CultureInfo.CurrentCulture,
                "{0} {1} {2}.{3}",
                reason.Message,
                reason.StoppedCount,
                reason.StoppedCount == 1 ? "pending task was stopped" : "pending tasks were stopped",
                unsent > 0 ? " The input from the item on that came then was not run: no more of it is read." : string.Empty)),
        };
    }

    /// <summary>Writes the error of a dispatcher that has halted, unless somebody was told of it before.</summary>
    internal static void TellHalt(this Cmdlet cmdlet, Dispatcher dispatcher)
    {
        if (SessionDispatchers.GetHome(dispatcher) is { IsHidden: false } home && dispatcher.HaltReason is { } reason && home.TryTell(reason))
        {
            cmdlet.WriteError(Halted(dispatcher, unsent: 0));
        }
    }

    /// <summary>The error of a call whose dispatcher was removed before its tasks had ended.</summary>
    internal static ErrorRecord RemovedMeanwhile(Dispatcher dispatcher, bool isOwn) => new(
        new InvalidOperationException(
            (isOwn ? "The module was removed, or the session closed," : "Dispatcher '" + dispatcher.Name + "' was removed")
            + " before all tasks had ended: those that had not were stopped, and no more of the input is read."),
        ErrorIds.DispatcherRemoved,
        ErrorCategory.OperationStopped,
        dispatcher);

    /// <summary>The error of a dispatcher that can no longer be used.</summary>
    internal static ErrorRecord Removed(Dispatcher dispatcher) => new(
        new ObjectDisposedException(objectName: null, "Dispatcher '" + dispatcher.Name + "' has been removed. Create another one with New-Dispatcher."),
        ErrorIds.DispatcherRemoved,
        ErrorCategory.InvalidOperation,
        dispatcher);
}
