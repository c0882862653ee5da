using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>What all cmdlets of the module share: a token for Ctrl+C, and errors in one form.</summary>
public abstract class DispatcherCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Cancelled when the pipeline is stopped.</summary>
    private protected CancellationToken StopToken => _stop.Token;

    /// <summary>The parameter that says which dispatcher is meant.</summary>
    private protected virtual string SelectedBy => "Dispatcher";

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The cmdlet has ended meanwhile.
        }
    }

    /// <summary>Blocks in a call that the token ends, and ends as a stopped pipeline does if it comes to that.</summary>
    internal T Block<T>(Func<CancellationToken, T> call)
    {
        try
        {
            return call(StopToken);
        }
        catch (OperationCanceledException) when (Stopping)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Asks whether to go on, where the caller wants to be asked. The action is a sentence that tells what would happen.</summary>
    private protected bool Confirm(string action) => ShouldProcess(action, action, "Confirm");

    private protected void WriteError(string message, string errorId, ErrorCategory category, object? target) =>
        WriteError(new ErrorRecord(new InvalidOperationException(message), errorId, category, target));

    private protected void Terminate(Exception exception, string errorId, ErrorCategory category, object? target) =>
        ThrowTerminatingError(new ErrorRecord(exception, errorId, category, target));

    /// <summary>Ends the cmdlet with an error from below it: as it is where it says what it is, otherwise with this id.</summary>
    private protected void Terminate(RuntimeException exception, string errorId, object? target) => ThrowTerminatingError(
        exception is CallerErrorException known ? known.ErrorRecord
            : new ErrorRecord(exception, exception is BoundScriptBlockException ? ErrorIds.ScriptBlockIsBound : errorId, ErrorCategory.InvalidArgument, target));

    private protected static ErrorRecord Removed(Dispatcher dispatcher) => new(
        new ObjectDisposedException(objectName: null, "Dispatcher '" + dispatcher.Name + "' has been removed. Create another one with New-Dispatcher."),
        ErrorIds.DispatcherRemoved,
        ErrorCategory.InvalidOperation,
        dispatcher);

    private protected WorkerSettings BuildWorkerSettings(IWorkerParameters parameters)
    {
        try
        {
            return WorkerSettingsBuilder.Build(this, parameters);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            Terminate(e, ErrorIds.WorkerSettingsInvalid, target: null);
            throw;
        }
    }

    /// <summary>The full path of a log. One that cannot be resolved ends the cmdlet.</summary>
    private protected string? ResolveLogPath(string? path)
    {
        try
        {
            return path is null ? null : new TaskFile(path).GetPath(SessionState, item: null);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            Terminate(new PSArgumentException(e.Message, e), ErrorIds.LogPathInvalid, ErrorCategory.InvalidArgument, path);
            throw;
        }
    }

    /// <summary>Ends the cmdlet where there is no log for -LogInput.</summary>
    private protected void CheckLogInput(string? logPath)
    {
        if (logPath is null && MyInvocation.BoundParameters.TryGetValue("LogInput", out object? input))
        {
            RefuseWithoutEffect("-LogInput says what the log tells of the items, and without -LogPath there is no log. Give -LogPath a file, or leave out -LogInput.", input);
        }
    }

    /// <summary>Makes a dispatcher for this session. A log that cannot be written ends the cmdlet.</summary>
    /// <exception cref="InvalidOperationException">The session has one of this name.</exception>
    private protected Dispatcher CreateDispatcher(DispatcherOptions options, PSLanguageMode languageMode, bool isHidden = false)
    {
        try
        {
            return SessionDispatchers.Create(options, Runspace.DefaultRunspace, languageMode, isHidden);
        }
        catch (IOException e)
        {
            Terminate(
                new IOException("-LogPath '" + options.LogPath + "' cannot be written, and must name a file that can: " + e.Message, e), ErrorIds.LogPathInvalid, ErrorCategory.OpenError, options.LogPath);
            throw;
        }
    }

    /// <summary>Ends the cmdlet because of a parameter that would do nothing. The message says what to do about it.</summary>
    private protected void RefuseWithoutEffect(string message, object? value) =>
        Terminate(new PSArgumentException(message), ErrorIds.ParameterHasNoEffect, ErrorCategory.InvalidArgument, value);

    /// <summary>Warns of output that nobody has received: what is lost, and what takes much memory. Each is told once.</summary>
    private protected void WarnOfUnreceived(Dispatcher dispatcher)
    {
        Array.ForEach(dispatcher.Unreceived.TakeLargeWarnings(), WriteWarning);
        if (dispatcher.Unreceived.TakeForgottenWarning(dispatcher.Name, dispatcher.HistorySize) is { } warning)
        {
            WriteWarning(warning);
        }
    }

    /// <summary>Warns of lines that a dispatcher's log lacks, and that nobody was told of yet.</summary>
    private protected void WarnOfLog(Dispatcher dispatcher)
    {
        if (dispatcher.Log?.TakeWarning() is { } warning)
        {
            WriteWarning(warning);
        }
    }

    /// <summary>The dispatcher that the caller means by leaving it out.</summary>
    private protected Dispatcher GetDefaultDispatcher()
    {
        if (Dispatcher.Current is { } current)
        {
            return current;
        }

        IReadOnlyList<Dispatcher> all = SessionDispatchers.GetAll();
        if (all.Count == 0)
        {
            Terminate(
                new InvalidOperationException("There is no dispatcher in this session. Create one with New-Dispatcher first."),
                ErrorIds.NoDispatcher,
                ErrorCategory.ObjectNotFound,
                target: null);
        }

        if (all.Count > 1)
        {
            Terminate(
                new InvalidOperationException("There are " + all.Count + " dispatchers in this session (" + string.Join(", ", all.Select(one => one.Name)) + "). Say which one is meant, with -" + SelectedBy + "."),
                ErrorIds.SeveralDispatchers,
                ErrorCategory.InvalidArgument,
                target: null);
        }

        return all[0];
    }

    private protected Dispatcher Resolve(DispatcherReference? reference)
    {
        if (reference is null)
        {
            return GetDefaultDispatcher();
        }

        Dispatcher? found = reference.Dispatcher
            ?? SessionDispatchers.GetAll().FirstOrDefault(one => SessionDispatchers.IsNamed(one, reference.Name ?? string.Empty));
        if (found is null)
        {
            string name = reference.Name ?? string.Empty;
            WriteNotFound("Dispatcher", name, WildcardPattern.ContainsWildcardCharacters(name) ? " -Dispatcher takes one, and no wildcards." : string.Empty, terminate: true);
        }

        return found!; // Not found has ended the cmdlet.
    }

    /// <summary>Finds dispatchers by names and wildcards. A name that is not there is an error; a wildcard may match none.</summary>
    private protected IEnumerable<Dispatcher> Find(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            var pattern = new NamePattern(name);
            IReadOnlyList<Dispatcher> found = pattern.Select(SessionDispatchers.GetAll(), one => one.Name);
            if (found.Count == 0 && !pattern.HasWildcards)
            {
                WriteNotFound("Name", name, pattern.Advice, terminate: false);
            }

            foreach (Dispatcher dispatcher in found)
            {
                yield return dispatcher;
            }
        }
    }

    private void WriteNotFound(string parameter, string name, string advice, bool terminate)
    {
        var record = new ErrorRecord(
            new ItemNotFoundException("There is no dispatcher named '" + name + "' in this session, which -" + parameter + " asks for. Get-Dispatcher lists those that there are." + advice),
            ErrorIds.DispatcherNotFound,
            ErrorCategory.ObjectNotFound,
            name);
        if (terminate)
        {
            ThrowTerminatingError(record);
        }

        WriteError(record);
    }
}
