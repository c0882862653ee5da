using System;
using System.Management.Automation;
using System.Management.Automation.Remoting;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>Says on each record of a host that it comes from there, as Invoke-Command does.</summary>
internal sealed class SessionOrigin
{
    /// <summary>The engine's own name for it.</summary>
    internal const string ComputerProperty = "PSComputerName";

    private readonly string _hostName;
    private readonly OriginInfo _origin;

    internal SessionOrigin(string hostName, Guid runspaceId)
    {
        _hostName = hostName;
        _origin = new OriginInfo(hostName, runspaceId);
    }

    internal object? Mark(RecordKind kind, object? value)
    {
        switch (kind)
        {
            case RecordKind.Output when value is PSObject output:
                output.Properties.Remove(ComputerProperty);
                output.Properties.Add(new PSNoteProperty(ComputerProperty, _hostName));
                return output;
            case RecordKind.Error when value is ErrorRecord error:
                return new RemotingErrorRecord(error, _origin);
            case RecordKind.Warning when value is WarningRecord warning:
                return new RemotingWarningRecord(warning.Message, _origin);
            case RecordKind.Verbose when value is VerboseRecord verbose:
                return new RemotingVerboseRecord(verbose.Message, _origin);
            case RecordKind.Debug when value is DebugRecord debug:
                return new RemotingDebugRecord(debug.Message, _origin);
            case RecordKind.Information when value is InformationRecord information:
                return new RemotingInformationRecord(information, _origin);
            case RecordKind.Progress when value is ProgressRecord progress:
                return new RemotingProgressRecord(progress, _origin);
            default:
                return value;
        }
    }
}
