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
            Terminate(e, e is BoundScriptBlockException ? ErrorIds.ScriptBlockIsBound : ErrorIds.WorkerSettingsInvalid, ErrorCategory.InvalidArgument, target: null);
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
            Terminate(new PSArgumentException("-LogPath '" + path + "' cannot be used: " + e.Message, e), ErrorIds.LogPathInvalid, ErrorCategory.InvalidArgument, path);
            throw;
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

    /// <summary>Warns once of lines that a dispatcher's log lacks.</summary>
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
