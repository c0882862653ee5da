using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A cmdlet that acts on dispatchers: by name, by object, or on the only one.</summary>
public abstract class DispatcherTargetCmdlet : DispatcherLookupCmdlet
{
    private protected const string ByName = nameof(ByName);
    private protected const string ByObject = nameof(ByObject);

    /// <summary>Names, with wildcards. Left out: the dispatcher that runs the task, or the only one of this session.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DispatcherNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The dispatchers themselves.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public Dispatcher[]? InputObject { get; set; }

    private protected override string SelectedBy => nameof(Name);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (Dispatcher dispatcher in GetTargets())
        {
            Process(dispatcher);
        }
    }

    private protected abstract void Process(Dispatcher dispatcher);

    /// <summary>Does something to a dispatcher; one that was removed is an error.</summary>
    private protected void Apply(Dispatcher dispatcher, Action action, bool passThru)
    {
        try
        {
            action();
        }
        catch (ObjectDisposedException)
        {
            WriteError(CmdletErrors.Removed(dispatcher));
            return;
        }

        if (passThru)
        {
            WriteObject(dispatcher);
        }
    }

    private IEnumerable<Dispatcher> GetTargets() => InputObject ?? (Name is null ? [GetDefaultDispatcher()] : Find(Name));
}
