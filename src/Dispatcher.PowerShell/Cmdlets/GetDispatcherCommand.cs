using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Returns the dispatchers of this session.</summary>
[Cmdlet(VerbsCommon.Get, "Dispatcher")]
[OutputType(typeof(Dispatcher))]
public sealed class GetDispatcherCommand : DispatcherLookupCmdlet
{
    /// <summary>Names, with wildcards; default all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DispatcherNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord() => WriteObject(Find(Name).Distinct(), enumerateCollection: true);
}
